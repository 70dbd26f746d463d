// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Time.Testing;
using Swarm.Api;

namespace Swarm.Testing.Tests;

/// <summary>Clusters in this process whose clock only the test moves: nothing here waits by the real one.</summary>
public sealed class FakeTimeClusterTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task SilentNode_IsDownAfterItsHeartbeatsRanOut_AndItsTasksAreReplaced()
    {
        await using InProcessCluster cluster = await InProcessCluster.StartAsync(new InProcessClusterOptions { Time = _time });
        await cluster.Client.Services.CreateAsync(TestWorkload.Service("web", 6));
        await UntilAsync(cluster, TimeSpan.FromMinutes(1), s => ClusterInvariants.Unconverged(s, cluster.Workload) is null);
        InProcessClusterNode silent = cluster.Nodes[1];
        string[] lost = [.. cluster.State.TasksByNode(silent.Id).Select(t => t.Id)];
        Assert.Equal(2, lost.Length);

        // A quarter of an hour of heartbeats changes nothing.
        DateTimeOffset later = _time.GetUtcNow() + TimeSpan.FromMinutes(15);
        while (_time.GetUtcNow() < later)
        {
            await PassAsync(cluster);
        }

        Assert.All(cluster.State.All<Node>(), n => Assert.Equal(NodeStatus.Types.State.Ready, n.Status.State));
        Assert.Equal(lost, cluster.State.TasksByNode(silent.Id).Select(t => t.Id));

        cluster.Isolate(silent);
        TimeSpan took = await UntilAsync(
            cluster, TimeSpan.FromMinutes(1), s => s.Get<Node>(silent.Id)!.Status.State == NodeStatus.Types.State.Down);

        // Three periods of 5 s, each a tenth longer or shorter, since the last heartbeat that arrived.
        Assert.InRange(took, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(17));
        await UntilAsync(cluster, TimeSpan.FromMinutes(1), s => Elsewhere(s, silent.Id).Length == 6);
        Assert.Equal([1UL, 2, 3, 4, 5, 6], Elsewhere(cluster.State, silent.Id).Select(t => t.Slot).Order().ToArray());
        Assert.DoesNotContain(Elsewhere(cluster.State, silent.Id), t => lost.Contains(t.Id));

        cluster.Heal();
        await UntilAsync(
            cluster,
            TimeSpan.FromMinutes(5),
            s => s.Get<Node>(silent.Id)!.Status.State == NodeStatus.Types.State.Ready && ClusterInvariants.Unconverged(s, cluster.Workload) is null);
        Assert.DoesNotContain(cluster.Workload.Running, t => lost.Contains(t.TaskId));
        Assert.Equal(6, cluster.Workload.Running.Count);
    }

    [Fact]
    public async Task StoppingNode_HandsItsTasksOver_WithoutWaitingForItsHeartbeats_AndTakesNoneMeanwhile()
    {
        await using InProcessCluster cluster = await InProcessCluster.StartAsync(new InProcessClusterOptions { Time = _time });
        await cluster.Client.Services.CreateAsync(TestWorkload.Service("web", 6));
        await UntilAsync(cluster, TimeSpan.FromMinutes(1), s => ClusterInvariants.Unconverged(s, cluster.Workload) is null);
        InProcessClusterNode leaving = cluster.Nodes[1];
        string id = leaving.Id;
        string[] before = [.. cluster.State.All<Api.Task>().Where(t => t.NodeId == id).Select(t => t.Id)];
        Assert.Equal(2, before.Length);
        var states = new List<string>();
        using Store.FeedReader feed = cluster.Writer.Feed.Subscribe(capacity: 10_000);
        Assert.True(feed.TryRead(out _)); // Where it begins.

        Task stopped = cluster.StopAsync(leaving);
        TimeSpan took = await UntilAsync(
            cluster, TimeSpan.FromSeconds(12), s => stopped.IsCompleted && Elsewhere(s, id).Length == 6
                && s.Get<Node>(id)!.Status.State == NodeStatus.Types.State.Down);
        await stopped;

        // Its heartbeats are missed after fifteen.
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(12));
        Assert.Equal("the host is stopping", cluster.State.Get<Node>(id)!.Status.Message);
        Assert.Equal(NodeSpec.Types.Availability.Active, cluster.State.Get<Node>(id)!.Spec.Availability);
        while (feed.TryRead(out Store.FeedItem? item))
        {
            Assert.False(item.IsReset);
            states.AddRange(item.Changes.Select(c => c.New).OfType<Node>().Where(n => n.Id == id).Select(n => $"{n.Status.State} {n.Status.Message}"));
            Assert.DoesNotContain(item.Changes.Select(c => c.New).OfType<Api.Task>(), t => t.NodeId == id && !before.Contains(t.Id));
        }

        Assert.Equal(["Disconnected the host is stopping", "Down the host is stopping"], states);

        await cluster.StartAsync(leaving);
        await UntilAsync(cluster, TimeSpan.FromSeconds(30), s => s.Get<Node>(id)!.Status is { State: NodeStatus.Types.State.Ready, Message: "" });
        await cluster.Client.Services.CreateAsync(TestWorkload.Service("more", 6));
        await UntilAsync(cluster, TimeSpan.FromMinutes(1), s => s.All<Api.Task>().Any(t => t.NodeId == id && t.Status.State == TaskState.Running));
    }

    private static Api.Task[] Elsewhere(Store.StoreView state, string not) =>
        [.. state.All<Api.Task>().Where(t => t.NodeId != not && t.DesiredState == TaskState.Running && t.Status.State == TaskState.Running)];

    private async Task PassAsync(InProcessCluster cluster)
    {
        _time.Advance(Step);
        await cluster.SettleAsync();
    }

    // Moves the clock in small steps, each followed by all that happens because of it, until the condition holds or the time is over.
    private async Task<TimeSpan> UntilAsync(InProcessCluster cluster, TimeSpan limit, Func<Store.StoreView, bool> condition)
    {
        DateTimeOffset start = _time.GetUtcNow();
        await cluster.SettleAsync();
        while (!condition(cluster.State))
        {
            Assert.True(_time.GetUtcNow() - start < limit, $"not within {limit}: {ClusterInvariants.Unconverged(cluster.State, cluster.Workload)}");
            await PassAsync(cluster);
        }

        return _time.GetUtcNow() - start;
    }
}
