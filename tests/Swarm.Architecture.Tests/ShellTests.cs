// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Swarm.Architecture.Tests;

/// <summary>
/// Which code may see clocks, threads and randomness is written down here, so that a new place shows in review. Everything else is
/// held by the analyzer, from <c>src/BannedSymbols.txt</c>.
/// </summary>
public sealed partial class ShellTests
{
    private static readonly string[] ShellProjects = ["Swarm.Hosting", "Swarm.Rpc", "Swarm.Runtime.Docker", "Swarm.Runtime.Process"];

    private static readonly string[] ShellFiles =
    [
        "src/Swarm.Core/SystemIdSource.cs",
        "src/Swarm.Core/ThreadPoolMailbox.cs",
        "src/Swarm.Runtime.Process/Native/Spawner.cs",
        "src/Swarm.Security/OperatingSystemCertificateIssuer.cs",
        "src/Swarm.Testing/InProcessCluster.cs",
    ];

    // What the rule of the architecture names, one line of the list each.
    private static readonly string[] MustBeBanned =
    [
        "P:System.DateTime.Now", "P:System.DateTime.UtcNow", "P:System.DateTimeOffset.Now", "P:System.DateTimeOffset.UtcNow",
        "P:System.Environment.TickCount", "P:System.Environment.TickCount64", "T:System.Diagnostics.Stopwatch",
        "P:System.Random.Shared", "M:System.Random.#ctor", "M:System.Random.#ctor(System.Int32)",
        "T:System.Security.Cryptography.RandomNumberGenerator", "M:System.Guid.NewGuid", "M:System.Guid.CreateVersion7",
        "M:System.Threading.Tasks.Task.Run(System.Action)", "M:System.Threading.Tasks.Task.ConfigureAwait(System.Boolean)",
        "T:System.Threading.Thread", "T:System.Threading.ThreadPool", "T:System.Threading.Timer", "T:System.Timers.Timer",
        "T:System.Threading.Tasks.Parallel", "T:System.HashCode", "M:System.String.GetHashCode",
        "M:System.String.GetHashCode(System.StringComparison)",
        "M:System.Threading.Tasks.Task.WhenAny(System.Threading.Tasks.Task[])",
        "M:System.Threading.Tasks.Task.WhenAll(System.Threading.Tasks.Task[])",
    ];

    [Fact]
    public void Projects_ThatAreShells_AreTheseOnly() => Assert.Equal(
        ShellProjects,
        Projects().Where(p => p.Xml.Descendants("SwarmShell").Any(e => e.Value == "true")).Select(p => p.Name));

    [Fact]
    public void Projects_DoNotSwitchTheAnalyzersOff() => Assert.Equal(
        ["Swarm.Api"], // Generated, all of it.
        Projects().Where(p => p.Xml.Descendants("RunAnalyzers").Any() || p.Xml.Descendants("RunAnalyzersDuringBuild").Any()
                || p.Xml.Descendants("NoWarn").Any(e => e.Value.Contains("RS00", StringComparison.Ordinal)))
            .Select(p => p.Name));

    [Fact]
    public void Files_ThatAreShells_AreTheseAndSayWhy()
    {
        (string File, string Line)[] found =
            [.. RepositoryRoot.Files("src", "*.cs").SelectMany(f => File.ReadLines(f)
                .Where(l => l.Contains("RS0030", StringComparison.Ordinal) && !l.Contains("restore", StringComparison.Ordinal))
                .Select(l => (RepositoryRoot.Relative(f), l)))];

        Assert.Equal(ShellFiles, found.Select(f => f.File).Distinct().Order(StringComparer.Ordinal));
        Assert.All(found, f => Assert.Matches(Reason(), f.Line));
    }

    [Fact]
    public void Editorconfig_LeavesTheRuleOn()
    {
        IEnumerable<string> configs = Words.TextFiles.Where(f => f.EndsWith(".editorconfig", StringComparison.Ordinal));

        Assert.All(configs, f => Assert.DoesNotContain("RS0030", File.ReadAllText(Path.Combine(RepositoryRoot.Path, f)), StringComparison.Ordinal));
    }

    [Fact]
    public void BannedList_HoldsWhatTheArchitectureNames_OnceAndWithAnAnswer()
    {
        string[] lines = File.ReadAllLines(Path.Combine(RepositoryRoot.Path, "src", "BannedSymbols.txt"));
        string[] symbols = [.. lines.Select(l => l.Split(';')[0])];

        Assert.Empty(MustBeBanned.Except(symbols));
        Assert.Equal(symbols.Distinct(StringComparer.Ordinal), symbols);
        Assert.All(lines, l => Assert.Matches("^[PMT]:[^;]+;.{10,}$", l));
    }

    private static IEnumerable<(string Name, XDocument Xml)> Projects() =>
        RepositoryRoot.Files("src", "*.csproj").Select(f => (Path.GetFileNameWithoutExtension(f), XDocument.Load(f)));

    [GeneratedRegex(@"^\s*#pragma warning disable RS0030 // .{20,}\.$")]
    private static partial Regex Reason();
}
