// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Store;
using UpdateState = Swarm.Api.UpdateStatus.Types.UpdateState;

namespace Swarm.Docker.Tests;

/// <summary>The disk of the engine is full.</summary>
public sealed class EngineFailureDiskTests
{
    private const string Full = "no space left on device";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DiskFull_NewServiceAndUpdate_SayWhyAndRecoverOnceThereIsSpace()
    {
        await using EngineFailureCluster on = await EngineFailureCluster.StartAsync(
            new Swarm.Docker.Testing.PrivateEngineOptions { DataSize = "64m" });
        ServiceSpec spec = EngineFailureCluster.Spec("before", 2);
        spec.Update = new UpdateConfig { Parallelism = 1, Monitor = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(500)) };
        Service before = await on.CreateAsync(spec);
        Dictionary<ulong, string> old = EngineFailureCluster.Running(on.Cluster.State, before).ToDictionary(t => t.Slot, t => t.Id);

        await on.Engines[0].FillDiskAsync(Cancel);
        Service during = await on.Client.Services.CreateAsync(EngineFailureCluster.Spec("during", 2), cancellationToken: Cancel);
        Api.Task refused = await on.UntilTaskAsync(during, "a task is refused", t => t.Status.State is TaskState.Rejected or TaskState.Failed);
        Assert.Contains(Full, refused.Status.Err, StringComparison.OrdinalIgnoreCase);

        // A rollout stops at the first task that does not come up; what it did not touch goes on.
        await on.Client.Services.UpdateAsync(before.Id, s => s.Task.Container.Env.Add("VERSION=2"), cancellationToken: Cancel);
        await on.UntilAsync("the rollout is paused", state => State(state) == UpdateState.Paused);
        Assert.Contains("paused", on.Cluster.State.Get<Service>(before.Id)!.UpdateStatus.Message, StringComparison.Ordinal);
        Assert.Contains(on.Cluster.State.TasksByService(before.Id), t => t.Status.Err.Contains(Full, StringComparison.OrdinalIgnoreCase));
        Assert.Single(EngineFailureCluster.Running(on.Cluster.State, before), t => old.ContainsValue(t.Id));

        await on.Engines[0].FreeDiskAsync(Cancel);
        await on.UntilRunningAsync(during, 2);
        await on.Client.Services.UpdateAsync(before.Id, s => s.Task.Container.Env.Add("VERSION=3"), cancellationToken: Cancel);
        await on.UntilAsync("the next rollout has ended", state => State(state) == UpdateState.Completed);
        await on.UntilRunningAsync(before, 2);
        Assert.DoesNotContain(EngineFailureCluster.Running(on.Cluster.State, before), t => old.ContainsValue(t.Id));
        await on.UntilContainersMatchAsync();

        UpdateState? State(StoreView state) => state.Get<Service>(before.Id)!.UpdateStatus?.State;
    }
}
