// SPDX-License-Identifier: Apache-2.0
using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;
using Swarm.Api;
using Swarm.Core;
using Swarm.Manager;
using Swarm.Security;

namespace Swarm.Architecture.Tests;

/// <summary>What <c>docs/wire-compat.md</c> says is what the contracts say and what a manager does.</summary>
public sealed partial class WireCompatTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "wire-compat.md"));

    private static readonly Dictionary<string, (string Who, string Answer, string Sentence)> Table = Read();

    [Fact]
    public void Table_HoldsEveryMethodWithItsCallers() => Assert.Equal(
        MethodRoles.All.Select(m => (m.Key, Who(m.Value))).Order(),
        Table.Select(m => (m.Key, m.Value.Who)).Order());

    [Fact]
    public async Task Table_SaysWhatAManagerAnswers()
    {
        SystemIdSource ids = SystemIdSource.Instance;
        OperatingSystemCertificateIssuer issuer = OperatingSystemCertificateIssuer.Instance;
        await using var manager = new SwarmManager(
            new SwarmManagerOptions { AdvertiseAddress = "127.0.0.1:4242" },
            ClusterBootstrap.Create(issuer, ids, TimeProvider.System),
            new ThreadPoolMailboxFactory(),
            ids,
            issuer,
            seed: 1);
        var binder = new AnswerBinder();
        foreach (Grpc.Core.ServerServiceDefinition service in manager.RemoteServices)
        {
            service.BindService(binder);
        }

        Assert.Equal(
            Table.Select(m => (m.Key, m.Value.Answer, m.Value.Sentence)).Order(),
            MethodRoles.All.Keys.Select(m => binder.Answers.TryGetValue(m, out string? refusal)
                ? (m, refusal.Length == 0 ? "served" : "refused", refusal)
                : (m, "not there", "")).Order());
    }

    [Fact]
    public void RefusedRequests_AreTheRulesThatSayUnimplemented()
    {
        Type rules = typeof(SwarmManager).Assembly.GetType("Swarm.Manager.ControlApi.Validation.ControlRules", throwOnError: true)!;
        IEnumerable<(string, string)> inCode = rules.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .SelectMany(f => f.GetValue(null) is IEnumerable many and not string ? many.Cast<object>() : [f.GetValue(null)!])
            .Where(r => r?.GetType().Name == "ControlRule" && (SwarmErrorCode)Get(r, "Code") == SwarmErrorCode.Unimplemented)
            .Select(r => ((string)Get(r, "Id"), (string)Get(r, "Text")))
            .Distinct();

        Assert.Equal(inCode.Order(), Rule().Matches(Text).Select(m => (m.Groups[1].Value, m.Groups[2].Value)).Order());
    }

    private static object Get(object rule, string property) => rule.GetType().GetProperty(property)!.GetValue(rule)!;

    private static string Who(AllowedCallers callers) =>
        callers.HasFlag(AllowedCallers.Anyone) ? "anyone" : callers == AllowedCallers.Manager ? "manager" : "worker, manager";

    private static Dictionary<string, (string, string, string)> Read()
    {
        var table = new Dictionary<string, (string, string, string)>(StringComparer.Ordinal);
        string service = "";
        foreach (string line in Text.Split('\n'))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                service = line[3..].Trim();
            }

            if (Row().Match(line) is { Success: true } row)
            {
                table.Add($"/{service}/{row.Groups[1].Value}", (row.Groups[2].Value, row.Groups[3].Value, row.Groups[4].Value.Trim()));
            }
        }

        return table;
    }

    [GeneratedRegex(@"^\| `([A-Z]\w+)` \| ([^|]+?) \| ([^|]+?) \|([^|]*)\|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"^\| `([a-z][a-z-]+)` \| ([^|]+?) \|$", RegexOptions.Multiline)]
    private static partial Regex Rule();
}
