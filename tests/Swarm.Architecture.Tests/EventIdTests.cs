// SPDX-License-Identifier: Apache-2.0
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Swarm.Architecture.Tests;

/// <summary>Each event of the packages' logs has an id of its own, in the hundred that is the package's, and docs/embedding.md names it.</summary>
public sealed partial class EventIdTests
{
    // Package → the first id of its hundred.
    private static readonly SortedDictionary<string, int> Blocks = new(StringComparer.Ordinal)
    {
        ["Swarm.Hosting"] = 0,
        ["Swarm.Agent"] = 100,
        ["Swarm.Manager"] = 200,
        ["Swarm.Store"] = 300,
        ["Swarm.Rpc"] = 400,
        ["Swarm.Runtime.Process"] = 500,
        ["Swarm.Runtime.Docker"] = 600,
    };

    public static TheoryData<string> Packages => [.. Directory.EnumerateDirectories(Path.Combine(RepositoryRoot.Path, "src"), "Swarm.*")
        .Select(Path.GetFileName).OfType<string>().Where(n => n != "Swarm.Api.Generators").Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Events_HaveIdsOfThePackagesHundred_EachItsOwn(string package)
    {
        LoggerMessageAttribute[] events = [.. Events(package).Select(e => e.Said)];
        if (!Blocks.TryGetValue(package, out int first))
        {
            Assert.Empty(events);
            return;
        }

        Assert.NotEmpty(events);
        Assert.All(events, e => Assert.InRange(e.EventId, first + (first == 0 ? 1 : 0), first + 99));
        Assert.Equal(events.Length, events.Select(e => e.EventId).Distinct().Count());
    }

    [Fact]
    public void Logs_AreWrittenByDeclaredEventsOnly() => Assert.Empty(
        RepositoryRoot.Files("src", "*.cs").Where(f => Undeclared().IsMatch(File.ReadAllText(f))).Select(RepositoryRoot.Relative));

    [Fact]
    public void Document_NamesEveryEventWithItsId()
    {
        string document = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "embedding.md"));
        Assert.All(
            Blocks.Keys.SelectMany(Events).Select(e => $"{e.Said.EventId} {e.Said.EventName ?? e.Method.Name}"),
            e => Assert.Matches($@"\b{Regex.Escape(e)}\b", document));
    }

    private static IEnumerable<(MethodInfo Method, LoggerMessageAttribute Said)> Events(string package) =>
        from type in Assembly.Load(package).GetTypes()
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        let said = method.GetCustomAttribute<LoggerMessageAttribute>()
        where said is not null
        select (method, said);

    [GeneratedRegex(@"\.Log(Trace|Debug|Information|Warning|Error|Critical)\(|LoggerMessage\.Define")]
    private static partial Regex Undeclared();
}
