// SPDX-License-Identifier: Apache-2.0
namespace Swarm.EndToEnd.Tests;

/// <summary>The directory that swarmd is given, as people give it.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class StateDirectoryTests
{
    private const UnixFileMode PassThrough = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    [Fact]
    public async Task StateDirectory_RelativeAndNew_ServesTasksOfOtherUsersToo()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(workers: 0);
        File.SetUnixFileMode(cluster.Directory, PassThrough);
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, cluster.StateOf("node-2"));
        await using NodeProcess worker = NodeProcess.Start(
            "-d", relative, "--hostname", "node-2", "--executor", "process", "--join-addr", cluster.Address, "--join-token", cluster.WorkerToken);
        await cluster.UntilReadyAsync(2);

        string user = Environment.UserName == "root" ? "nobody" : Environment.UserName;
        (await cluster.CreateSleeperAsync("other", 1, "--user", user, "--constraint", "node.hostname==node-2")).Succeeded();

        await cluster.UntilReplicasAsync("other", "1/1");
        Assert.Equal(0, await worker.StopAsync());
    }

    [Fact]
    public async Task Stop_TaskThatTakesItsTime_IsNotLeftBehind()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(workers: 0);
        string ended = Path.Combine(cluster.Directory, "ended");
        (await cluster.CtlAsync(
            "service", "create", "--name", "slow", "--runtime", "process", "--command", "/bin/sh", "--args", "-c",
            "--args", $"trap 'sleep 4; touch {ended}; exit 0' TERM; while :; do sleep 0.1; done")).Succeeded();
        await cluster.UntilReplicasAsync("slow", "1/1");

        Assert.Equal(0, await cluster.ManagerProcess.StopAsync());

        Assert.True(File.Exists(ended), "swarmd ended before its task");
    }

    [Fact]
    public async Task StateDirectory_Empty_IsRefusedInOneLine()
    {
        await using NodeProcess node = NodeProcess.Start("-d", "", "--executor", "process");

        Assert.Equal("Error: no state directory: give one with --state-dir DIR", await node.EndedAsync());
        Assert.Equal(1, node.ExitCode);
    }
}
