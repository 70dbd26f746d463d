// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Swarm.Testing.Tests;

/// <summary>Simulated clusters with faults. SWARM_SEED=N runs one seed only.</summary>
public sealed class ScenarioTests
{
    private const int SeedCount = 50;

    private static readonly ConcurrentDictionary<ulong, Lazy<ClusterScenarioResult>> Results = new();

    public static TheoryData<ulong> Seeds => Environment.GetEnvironmentVariable("SWARM_SEED") is { Length: > 0 } seed
        ? [ulong.Parse(seed, CultureInfo.InvariantCulture)]
        : [.. Enumerable.Range(1, SeedCount).Select(i => (ulong)i)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void ThreeNodes_300Tasks_WithFaults_ConvergeAndComeToRest(ulong seed)
    {
        ClusterScenarioResult result = Result(seed);

        Assert.True(result.TasksStarted >= 300);
        Assert.True(result.SecretsRead >= 300, "tasks did not look for their secrets: the scenario tests too little");
        Assert.True(result.MessagesLost > 0, "the network lost nothing: the scenario tests nothing");
    }

    [Fact]
    public void AllSeeds_GoThroughFaultsThatMatter()
    {
        var statistics = new ClusterScenarioStatistics(Seeds.Select(row => Result(row.Data)));

        Console.WriteLine(statistics);
        Assert.True(statistics.Median("messages sent") >= 1000, statistics.ToString());
        Assert.True(statistics.Median("messages lost") >= 20, statistics.ToString());
        foreach (string fault in (string[])["agent crashes", "agent restarts", "log: reigns lost", "task failed", "link cut one way", "service scaled"])
        {
            Assert.True(statistics.Median(fault) >= 1, $"{fault}: half of the seeds have none\n{statistics}");
        }

        if (statistics.Runs == SeedCount)
        {
            foreach (string fault in (string[])["log: entries lost", "log: entries late", "agent crashes joining", "network slow", "calls made again"])
            {
                Assert.True(statistics.Names.Contains(fault), $"{fault}: no seed has it\n{statistics}");
            }
        }
    }

    [Fact]
    public void SameSeed_InTwoProcesses_SameTrace()
    {
        string here = new ClusterScenario(new ClusterScenarioOptions { Seed = 7 }).Run().TraceHash.ToString("x16", CultureInfo.InvariantCulture);

        Assert.Contains($"seed 7: trace {here},", RunProcess(7), StringComparison.Ordinal);
    }

    [Fact]
    public void OtherSeed_OtherTrace() => Assert.NotEqual(
        new ClusterScenario(new ClusterScenarioOptions { Seed = 1, Tasks = 30 }).Run().TraceHash,
        new ClusterScenario(new ClusterScenarioOptions { Seed = 2, Tasks = 30 }).Run().TraceHash);

    // Each seed is run once, whichever test asks first.
    private static ClusterScenarioResult Result(ulong seed) => Results.GetOrAdd(
        seed, static s => new Lazy<ClusterScenarioResult>(() => new ClusterScenario(new ClusterScenarioOptions { Seed = s }).Run())).Value;

    private static string RunProcess(ulong seed)
    {
        string tool = Path.Combine(AppContext.BaseDirectory, "..", "..", "Simulate", "release", "Simulate");
        using Process process = Process.Start(new ProcessStartInfo(tool, [seed.ToString(CultureInfo.InvariantCulture),
            "1"]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
