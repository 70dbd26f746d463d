// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Testing;
using Availability = Swarm.Api.NodeSpec.Types.Availability;

namespace Swarm.EndToEnd.Tests;

/// <summary>Behaviour that people rely on, seen by the processes that really run.</summary>
public sealed class RealExecutorTests
{
    [Fact]
    public async Task JoiningWorkers_MoveNothing_AndTheNextScaleUsesThem()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(workers: 5);
        Service service = await cluster.CreateAsync("web", 30, "node.role==worker");
        SortedDictionary<string, string> before = await cluster.UntilAsync("30 tasks run", running => running.Count == 30);
        Assert.Equal(5, before.Values.Distinct().Count());
        Assert.All(before.Values.CountBy(n => n), n => Assert.Equal(6, n.Value));

        for (int i = 0; i < 5; i++)
        {
            await cluster.Nodes.AddWorkerAsync();
        }

        await cluster.Nodes.UntilAsync(
            "eleven nodes are READY", s => s.All<Node>().Count(n => n.Status.State == NodeStatus.Types.State.Ready) == 11);
        Assert.Equal(before, cluster.Running);

        await cluster.ScaleAsync(service, 60);
        SortedDictionary<string, string> after = await cluster.UntilAsync("60 tasks run", running => running.Count == 60);
        Assert.All(before, t => Assert.Equal(t.Value, after[t.Key]));
        Assert.Equal(10, after.Values.Distinct().Count());
        Assert.All(after.Values.CountBy(n => n), n => Assert.Equal(6, n.Value));
    }

    [Fact]
    public async Task Managers_RunTasks_UnlessDrainedOrConstrainedAway()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(workers: 1);
        Service workers = await cluster.CreateAsync("workers", 2, "node.role==worker");
        SortedDictionary<string, string> away = await cluster.UntilAsync("two tasks run", running => running.Count == 2);
        Assert.DoesNotContain("node-1", away.Values);

        await cluster.CreateAsync("anywhere", 4);
        SortedDictionary<string, string> both = await cluster.UntilAsync("six tasks run", running => running.Count == 6);
        Assert.Contains("node-1", both.Values);

        await cluster.SetAvailabilityAsync("node-1", Availability.Drain);
        await cluster.UntilAsync("six tasks run, none on the manager", running => running.Count == 6 && !running.ContainsValue("node-1"));
        Assert.Equal(2, cluster.Nodes.State.TasksByService(workers.Id).Count());
    }

    [Fact]
    public async Task Drain_EmptiesANode_PauseOnlyStopsNewTasks()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(workers: 2);
        Service service = await cluster.CreateAsync("web", 6);
        SortedDictionary<string, string> before = await cluster.UntilAsync("six tasks run", running => running.Count == 6);
        string[] paused = [.. before.Where(t => t.Value == "node-2").Select(t => t.Key)];
        Assert.Equal(2, paused.Length);

        await cluster.SetAvailabilityAsync("node-2", Availability.Pause);
        await cluster.ScaleAsync(service, 12);
        SortedDictionary<string, string> scaled = await cluster.UntilAsync("twelve tasks run", running => running.Count == 12);
        Assert.Equal(paused, scaled.Where(t => t.Value == "node-2").Select(t => t.Key));
        Assert.All(before, t => Assert.Equal(t.Value, scaled[t.Key]));

        await cluster.SetAvailabilityAsync("node-2", Availability.Drain);
        SortedDictionary<string, string> drained = await cluster.UntilAsync(
            "twelve tasks run, none on node-2", running => running.Count == 12 && !running.ContainsValue("node-2"));
        Assert.All(scaled.Where(t => t.Value != "node-2"), t => Assert.Equal(t.Value, drained[t.Key]));

        await cluster.SetAvailabilityAsync("node-2", Availability.Active);
        await cluster.Nodes.UntilAsync(
            "node-2 is active", s => s.All<Node>().All(n => n.Spec.Availability == Availability.Active));
        Assert.Equal(drained, cluster.Running);
    }

    [Fact]
    public async Task GlobalService_FollowsTheNodes_AsTheyComeAndGo()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(workers: 1);
        await cluster.Nodes.Client.Clusters.UpdateAsync(
            (await cluster.Nodes.Client.Clusters.ResolveAsync("default")).Id,
            s => s.Dispatcher.HeartbeatPeriod = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(1)));
        await cluster.CreateAsync("everywhere", null);
        await OnAsync("node-1", "node-2");

        InProcessClusterNode third = await cluster.Nodes.AddWorkerAsync();
        await OnAsync("node-1", "node-2", "node-3");

        await cluster.SetAvailabilityAsync("node-2", Availability.Drain);
        await OnAsync("node-1", "node-3");
        await cluster.SetAvailabilityAsync("node-2", Availability.Active);
        await OnAsync("node-1", "node-2", "node-3");

        string gone = third.Id;
        await cluster.Nodes.StopAsync(third);
        await cluster.Nodes.UntilAsync("node-3 is DOWN", s => s.Get<Node>(gone)!.Status.State == NodeStatus.Types.State.Down);
        await OnAsync("node-1", "node-2");
        await cluster.Nodes.StartAsync(third);
        await OnAsync("node-1", "node-2", "node-3");

        Task OnAsync(params string[] nodes) => cluster.UntilAsync(
            $"one task runs on each of {string.Join(' ', nodes)}", running => running.Values.Order().SequenceEqual(nodes));
    }
}
