// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.RegularExpressions;

namespace Swarm.EndToEnd.Tests;

/// <summary>The tour, and what people rely on when processes are killed.</summary>
public sealed partial class WalkthroughTests
{
    [Fact]
    public async Task Tour_EachStepConverges()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(workers: 2);
        (await cluster.CtlAsync("service", "create", "--name", "web", "--runtime", "process", "--command", Tool.Replica, "--replicas", "5")).Succeeded();
        await cluster.UntilReplicasAsync("web", "5/5");

        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var pages = new List<string>();
        foreach ((string id, _, _) in await cluster.RunningAsync("web"))
        {
            pages.Add(await http.GetStringAsync($"http://127.0.0.1:{await PortAsync(cluster, id)}/"));
        }

        Assert.Equal(5, pages.Distinct().Count());
        Assert.All(pages, p => Assert.Contains("web", p, StringComparison.Ordinal));

        (await cluster.CtlAsync("service", "update", "web", "--replicas", "8")).Succeeded();
        await cluster.UntilReplicasAsync("web", "8/8");
        (await cluster.CtlAsync("node", "drain", "node-3")).Succeeded();
        await cluster.UntilAsync("node-3 is empty and web is at 8/8", async () =>
        {
            List<(string Id, string Name, string Node)> running = await cluster.RunningAsync("web");
            return running.Count == 8 && running.All(t => t.Node != "node-3");
        });
        ToolResult logs = (await cluster.CtlAsync("service", "logs", "web")).Succeeded();
        Assert.Contains("GET /", logs.Output, StringComparison.Ordinal);

        (await cluster.CtlAsync("service", "rm", "web")).Succeeded();
        await cluster.UntilAsync("no task is left", async () => !(await cluster.CtlAsync("task", "ls", "--all")).Rows.Any());
    }

    [Fact]
    public async Task KilledTask_IsReplacedByANewIdInTheSameSlot()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(workers: 1);
        (await cluster.CtlAsync(
            "service", "create", "--name", "web", "--runtime", "process", "--command", Tool.Replica, "--replicas", "3",
                "--restart-delay", "200ms")).Succeeded();
        await cluster.UntilReplicasAsync("web", "3/3");
        (string id, string slot, _) = (await cluster.RunningAsync("web"))[0];

        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        string page = await http.GetStringAsync($"http://127.0.0.1:{await PortAsync(cluster, id)}/");
        int pid = int.Parse(PidOfPage().Match(page).Groups[1].Value, CultureInfo.InvariantCulture);
        System.Diagnostics.Process.GetProcessById(pid).Kill();

        await cluster.UntilAsync("the slot runs another task", async () =>
        {
            (string Id, string Name, string Node)[] now = [.. (await cluster.RunningAsync("web")).Where(t => t.Name == slot)];
            return now.Length == 1 && now[0].Id != id;
        });
        Assert.Contains((await cluster.CtlAsync("task", "ls", "--all")).Lines,
            l => l.StartsWith(id, StringComparison.Ordinal) && l.Contains("FAILED", StringComparison.Ordinal));
    }

    [Fact]
    public async Task KilledAgent_ComesBack_ItsTasksGoOnAndAreNotStartedTwice()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(workers: 0);
        NodeProcess worker = cluster.StartWorker("node-2");
        await cluster.UntilReadyAsync(2);
        (await cluster.CreateSleeperAsync("sleep", 4, "--constraint", "node.hostname==node-2")).Succeeded();
        await cluster.UntilReplicasAsync("sleep", "4/4");
        List<(string Id, string Name, string Node)> before = await cluster.RunningAsync("sleep");
        int[] pids = Sleepers(cluster);
        Assert.Equal(4, pids.Length);

        await worker.KillAsync();
        cluster.StartWorker("node-2");
        await cluster.UntilReadyAsync(2);
        await cluster.UntilReplicasAsync("sleep", "4/4");

        Assert.Equal(before, await cluster.RunningAsync("sleep"));
        Assert.Equal(pids, Sleepers(cluster));
    }

    [Fact]
    public async Task KilledWorker_TasksMove_AndItGetsNoneOfThemTwiceWhenItComesBack()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(workers: 1);
        (await cluster.CtlAsync("cluster", "update", "default", "--heartbeatperiod", "1s")).Succeeded();
        NodeProcess lost = cluster.StartWorker("node-3");
        await cluster.UntilReadyAsync(3);
        (await cluster.CreateSleeperAsync("sleep", 6, "--restart-delay", "100ms")).Succeeded();
        await cluster.UntilReplicasAsync("sleep", "6/6");

        await lost.KillAsync();
        await cluster.UntilAsync("six tasks run, none on node-3", async () =>
        {
            List<(string Id, string Name, string Node)> running = await cluster.RunningAsync("sleep");
            return running.Count == 6 && running.All(t => t.Node != "node-3");
        }, seconds: 60);

        cluster.StartWorker("node-3");
        await cluster.UntilReadyAsync(3);
        await cluster.UntilAsync("six processes are left, one for each slot", () => Task.FromResult(Sleepers(cluster).Length == 6));
        List<(string Id, string Name, string Node)> after = await cluster.RunningAsync("sleep");
        Assert.Equal(6, after.Select(t => t.Name).Distinct().Count());
        Assert.All(after, t => Assert.NotEqual("node-3", t.Node));
        Assert.Equal(after.Select(t => t.Id).Order(), TaskProcess.AllUnder(cluster.Directory).Select(p => p.TaskId).Order());
    }

    [Fact]
    public async Task ManagerRestarted_InTheMiddleOfARollout_SaysThatItForgot_AndTasksRunOn()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(workers: 1);
        (await cluster.CreateSleeperAsync("sleep", 4, "--constraint", "node.hostname==node-2", "--update-parallelism", "1",
            "--update-delay", "30s")).Succeeded();
        await cluster.UntilReplicasAsync("sleep", "4/4");
        (await cluster.CtlAsync("service", "update", "sleep", "--env", "A=1")).Succeeded();

        await cluster.ManagerProcess.KillAsync();
        NodeProcess manager = cluster.StartManager();
        await cluster.UntilAsync("the manager answers", async () => (await cluster.CtlAsync("cluster", "inspect", "default")).ExitCode == 0);

        Assert.Contains("memory", manager.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Empty((await cluster.CtlAsync("service", "ls")).Rows);
        Assert.NotEmpty(Sleepers(cluster));
    }

    internal static async Task<int> PortAsync(TestCluster cluster, string task)
    {
        ToolResult inspect = (await cluster.CtlAsync("task", "inspect", task)).Succeeded();
        Match port = PortOfTask().Match(inspect.Output);
        Assert.True(port.Success, inspect.Output);
        return int.Parse(port.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static int[] Sleepers(TestCluster cluster) => [.. TaskProcess.AllUnder(cluster.Directory).Select(p => p.Pid).Order()];

    [GeneratedRegex(@"([0-9]+)/tcp")]
    private static partial Regex PortOfTask();

    [GeneratedRegex(@"pid[ :=]+([0-9]+)")]
    private static partial Regex PidOfPage();
}
