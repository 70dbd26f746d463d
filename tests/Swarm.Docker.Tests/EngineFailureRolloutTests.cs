// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Store;
using UpdateState = Swarm.Api.UpdateStatus.Types.UpdateState;

namespace Swarm.Docker.Tests;

/// <summary>Engines that stop for a minute in the middle of a rollout.</summary>
public sealed class EngineFailureRolloutTests
{
    private const int Replicas = 9;
    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EnginesStopForAMinute_OneKeepsItsContainersAndOneDoesNot_RolloutGoesOnAndEnds()
    {
        await using EngineFailureCluster on = await EngineFailureCluster.StartAsync(
            new() { Name = "keeps", LiveRestore = true }, new() { Name = "loses" }, new() { Name = "stays" });
        Service service = await on.CreateAsync(Spec());
        ulong old = service.SpecVersion.Index;
        string keeps = NodeOf(on, 0), loses = NodeOf(on, 1);

        await on.Client.Services.UpdateAsync(service.Id, s => s.Task.Container.Env.Add("VERSION=2"), cancellationToken: Cancel);
        await on.UntilAsync("the rollout is in its middle", state => New(state).Length >= 2);
        await Task.WhenAll(on.Engines[0].StopAsync(Cancel), on.Engines[1].StopAsync(Cancel));
        Assert.NotEqual(UpdateState.Completed, State(on.Cluster.State));

        // What the rollout waits for says why, and nobody takes the nodes, whose agents are well, for lost.
        Api.Task waiting = await on.UntilTaskAsync(
            service, "a task says that its engine is gone", t => t.Status.Err.Contains("cannot be reached", StringComparison.Ordinal), 60);
        Assert.Contains(waiting.NodeId, new[] { keeps, loses });
        Uri gone = on.Engines[waiting.NodeId == keeps ? 0 : 1].Endpoint;
        Assert.StartsWith($"the Docker Engine at {gone.OriginalString} cannot be reached: ", waiting.Status.Err, StringComparison.Ordinal);
        await EngineFailureCluster.HoldsAsync(Minute, () => Assert.All(
            on.Cluster.State.All<Node>(), n => Assert.Equal(NodeStatus.Types.State.Ready, n.Status.State)));
        Assert.NotEqual(UpdateState.Completed, State(on.Cluster.State));
        await Task.WhenAll(on.Engines[0].StartAgainAsync(Cancel), on.Engines[1].StartAgainAsync(Cancel));

        await on.UntilAsync("the rollout has ended", state => State(state) == UpdateState.Completed && New(state).Length == Replicas, 60);
        await on.UntilContainersMatchAsync();
        Assert.Equal(Replicas, New(on.Cluster.State).Select(t => t.Slot).Distinct().Count());

        UpdateState? State(StoreView state) => state.Get<Service>(service.Id)!.UpdateStatus?.State;
        Api.Task[] New(StoreView state) => [.. EngineFailureCluster.Running(state, service).Where(t => t.SpecVersion.Index != old)];
    }

    private static string NodeOf(EngineFailureCluster on, int engine) => on.Cluster.Nodes[engine + 1].Id;

    // What ends because its engine ends fails, so the rollout is told to go on over failures; otherwise it would pause, as it should.
    private static ServiceSpec Spec()
    {
        ServiceSpec spec = EngineFailureCluster.Spec("web", Replicas);
        spec.Update = new UpdateConfig
        {
            Parallelism = 1,
            Delay = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(300)),
            Monitor = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(300)),
            FailureAction = UpdateConfig.Types.FailureAction.Continue,
        };
        return spec;
    }
}
