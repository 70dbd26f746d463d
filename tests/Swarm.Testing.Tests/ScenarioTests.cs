// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;

namespace Swarm.Testing.Tests;

/// <summary>Simulated clusters with faults. SWARM_SEED=N runs one seed only.</summary>
public sealed class ScenarioTests
{
    private const int SeedCount = 50;

    public static TheoryData<ulong> Seeds => Environment.GetEnvironmentVariable("SWARM_SEED") is { Length: > 0 } seed
        ? [ulong.Parse(seed, CultureInfo.InvariantCulture)]
        : [.. Enumerable.Range(1, SeedCount).Select(i => (ulong)i)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void ThreeNodes_300Tasks_WithFaults_ConvergeAndComeToRest(ulong seed)
    {
        ClusterScenarioResult result = new ClusterScenario(new ClusterScenarioOptions { Seed = seed }).Run();

        Assert.True(result.TasksStarted >= 300);
        Assert.True(result.MessagesLost > 0, "the network lost nothing: the scenario tests nothing");
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
