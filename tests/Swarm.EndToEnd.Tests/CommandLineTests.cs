// SPDX-License-Identifier: Apache-2.0
namespace Swarm.EndToEnd.Tests;

/// <summary>The commands that everybody's scripts use, through our swarmctl and through the reference's one where it is at hand.</summary>
[Collection(OneWorkerCluster.Name)]
public sealed class CommandLineTests(OneWorkerCluster fixture)
{
    private readonly TestCluster _cluster = fixture.Cluster;

    /// <summary>Our swarmctl, and the program that SWARM_REFERENCE_SWARMCTL names.</summary>
    public static TheoryData<string> Programs
    {
        get
        {
            var programs = new TheoryData<string> { Tool.Path("swarmctl") };
            if (Environment.GetEnvironmentVariable("SWARM_REFERENCE_SWARMCTL") is { Length: > 0 } reference)
            {
                programs.Add(reference);
            }

            return programs;
        }
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Swarmctl_OverAnAbsoluteSocketPath_DrivesTheCluster(string program)
    {
        Assert.True(Path.IsPathRooted(_cluster.Socket));
        ToolResult nodes = await RunAsync("node", "ls");
        Assert.Equal(2, nodes.Rows.Count(r => r.Contains("READY")));
        Assert.All((string[])["ID", "Name", "Membership", "Status", "Availability", "Manager"], h => Assert.Contains(h,
            nodes.Lines[0], StringComparison.Ordinal));
        Assert.Contains(_cluster.WorkerToken, (await RunAsync("cluster", "inspect", "default")).Output, StringComparison.Ordinal);

        string id = (await RunAsync("service", "create", "--name", "tool", "--image", "nginx", "--replicas", "2")).Output.Trim();
        string[] row = Assert.Single((await RunAsync("service", "ls")).Rows, r => r[0] == id);
        Assert.Equal([id, "tool", "nginx", "0/2"], row);
        string inspect = (await RunAsync("service", "inspect", "tool")).Output;
        Assert.All((string[])[id, "tool", "nginx"], t => Assert.Contains(t, inspect, StringComparison.Ordinal));
        await _cluster.UntilAsync(
            "two tasks wait for a node that runs containers",
            async () => (await RunAsync("task", "ls")).Lines.Count(l => l.Contains("tool.", StringComparison.Ordinal)
                && l.Contains("PENDING", StringComparison.Ordinal)) == 2);

        await RunAsync("service", "rm", "tool");
        Assert.DoesNotContain((await RunAsync("service", "ls")).Rows, r => r[0] == id);
        await _cluster.UntilAsync(
            "no task of it is left", async () => !(await RunAsync("task", "ls")).Output.Contains("tool.", StringComparison.Ordinal));

        async Task<ToolResult> RunAsync(params string[] args) =>
            (await Tool.RunProgramAsync(program, null, ["--socket", _cluster.Socket, .. args])).Succeeded();
    }
}
