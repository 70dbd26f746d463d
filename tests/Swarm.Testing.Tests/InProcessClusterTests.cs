// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Testing.Tests;

/// <summary>Clusters in this process, by the real clock.</summary>
public sealed class InProcessClusterTests
{
    [Fact]
    public async Task ThreeLines_MakeAClusterThatRunsAService()
    {
        await using InProcessCluster cluster = await InProcessCluster.StartAsync();
        await cluster.Client.Services.CreateAsync(TestWorkload.Service("web", replicas: 30));
        await cluster.ConvergeAsync();

        Assert.Equal(30, cluster.Workload.Running.Count);
        Assert.Equal(["node-1", "node-2", "node-3"], cluster.Workload.Running.Select(t => t.Node).Distinct().Order());
    }

    [Fact]
    public async Task FailedTask_IsReplacedByANewIdInTheSameSlot()
    {
        await using InProcessCluster cluster = await InProcessCluster.StartAsync();
        await cluster.Client.Services.CreateAsync(TestWorkload.Service("web", 5, s => s.Task.Restart = Soon()));
        await cluster.ConvergeAsync();
        RunningTask victim = cluster.Workload.Running[0];

        Assert.True(cluster.Workload.Fail(victim.TaskId));
        await cluster.UntilAsync("the failure is known", s => s.Get<Api.Task>(victim.TaskId)?.Status.State == TaskState.Failed);
        await cluster.ConvergeAsync();

        RunningTask replacement = Assert.Single(cluster.Workload.Running, t => t.Slot == victim.Slot);
        Assert.NotEqual(victim.TaskId, replacement.TaskId);
    }

    [Fact]
    public async Task JoiningWorkers_MoveNothing_AndTheNextScaleUsesThem()
    {
        await using InProcessCluster cluster = await InProcessCluster.StartAsync(new InProcessClusterOptions { Workers = 5 });
        Service service = await cluster.Client.Services.CreateAsync(
            TestWorkload.Service("web", 30, s => s.Task.Placement = new Placement { Constraints = { "node.role==worker" } }));
        await cluster.ConvergeAsync();
        string[] before = Placed(cluster);
        Assert.All(cluster.Workload.Running.GroupBy(t => t.Node), g => Assert.Equal(6, g.Count()));

        for (int i = 0; i < 5; i++)
        {
            await cluster.AddWorkerAsync();
        }

        await cluster.UntilAsync("eleven nodes are READY", s => s.All<Node>().Count(n => n.Status.State == NodeStatus.Types.State.Ready) == 11);
        Assert.Equal(before, Placed(cluster));

        await cluster.Client.Services.UpdateAsync(service.Id, s => s.Replicated.Replicas = 60);
        await cluster.ConvergeAsync();
        Assert.Subset(Placed(cluster).ToHashSet(), before.ToHashSet());
        Assert.All(cluster.Workload.Running.GroupBy(t => t.Node), g => Assert.Equal(6, g.Count()));
    }

    [Fact]
    public async Task Managers_RunTasks_UnlessDrainedOrConstrainedAway()
    {
        await using InProcessCluster cluster = await InProcessCluster.StartAsync(new InProcessClusterOptions { Workers = 1 });
        await cluster.Client.Services.CreateAsync(TestWorkload.Service("anywhere", 4));
        await cluster.Client.Services.CreateAsync(
            TestWorkload.Service("workers", 4, s => s.Task.Placement = new Placement { Constraints = { "node.role == worker" } }));
        await cluster.ConvergeAsync();

        Assert.Equal(2, cluster.Workload.Running.Count(t => t.Node == "node-1"));

        await SetAvailabilityAsync(cluster, "node-1", NodeSpec.Types.Availability.Drain);
        await cluster.UntilAsync("the manager is empty", _ => cluster.Workload.Running.All(t => t.Node != "node-1"));
        await cluster.ConvergeAsync();
        Assert.Equal(8, cluster.Workload.Running.Count);
    }

    [Fact]
    public async Task Pause_OnlyStopsNewTasks()
    {
        await using InProcessCluster cluster = await InProcessCluster.StartAsync();
        Service service = await cluster.Client.Services.CreateAsync(TestWorkload.Service("web", 6));
        await cluster.ConvergeAsync();
        string[] onPaused = [.. cluster.Workload.Running.Where(t => t.Node == "node-2").Select(t => t.TaskId)];

        await SetAvailabilityAsync(cluster, "node-2", NodeSpec.Types.Availability.Pause);
        await cluster.Client.Services.UpdateAsync(service.Id, s => s.Replicated.Replicas = 12);
        await cluster.ConvergeAsync();

        Assert.Equal(onPaused, cluster.Workload.Running.Where(t => t.Node == "node-2").Select(t => t.TaskId));
    }

    [Fact]
    public async Task GlobalService_FollowsTheNodes()
    {
        await using InProcessCluster cluster = await InProcessCluster.StartAsync(new InProcessClusterOptions { Workers = 1 });
        await cluster.Client.Services.CreateAsync(TestWorkload.Service("everywhere", null));
        await cluster.ConvergeAsync();
        Assert.Equal(2, cluster.Workload.Running.Count);

        await cluster.AddWorkerAsync();
        await cluster.UntilAsync("three tasks run", _ => cluster.Workload.Running.Count == 3);

        await SetAvailabilityAsync(cluster, "node-2", NodeSpec.Types.Availability.Drain);
        await cluster.UntilAsync("node-2 is empty", _ => cluster.Workload.Running.All(t => t.Node != "node-2"));
        await cluster.ConvergeAsync();

        await SetAvailabilityAsync(cluster, "node-2", NodeSpec.Types.Availability.Active);
        await cluster.UntilAsync("three tasks run again", _ => cluster.Workload.Running.Count == 3);
        await cluster.ConvergeAsync();
    }

    [Fact]
    public async Task Logs_OfAllTasks_ReachTheClient()
    {
        await using InProcessCluster cluster = await InProcessCluster.StartAsync();
        Service service = await cluster.Client.Services.CreateAsync(TestWorkload.Service("web", 6));
        await cluster.ConvergeAsync();

        var nodes = new List<string>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await foreach (LogMessage line in cluster.Client.Logs.ReadAsync(
            new LogSelector { ServiceIds = { service.Id } }, new LogSubscriptionOptions(), limit.Token))
        {
            nodes.Add(line.Data.ToStringUtf8().Trim());
        }

        Assert.Equal(6, nodes.Count(l => l.StartsWith("started on node-", StringComparison.Ordinal)));
    }

    private static string[] Placed(InProcessCluster cluster) => [.. cluster.Workload.Running.Select(t => $"{t.TaskId} {t.Node}")];

    private static RestartPolicy Soon() => new()
    {
        Condition = RestartPolicy.Types.RestartCondition.Any,
        Delay = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromMilliseconds(50)),
    };

    private static Task SetAvailabilityAsync(InProcessCluster cluster, string name, NodeSpec.Types.Availability availability) =>
        cluster.Client.Nodes.UpdateAsync(cluster.Nodes.Single(n => n.Name == name).Id, s => s.Availability = availability);
}
