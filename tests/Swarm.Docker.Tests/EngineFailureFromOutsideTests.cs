// SPDX-License-Identifier: Apache-2.0
using Docker.DotNet;
using Swarm.Api;

namespace Swarm.Docker.Tests;

/// <summary>Somebody else on the machine ends, removes, stops or freezes the containers of a service.</summary>
public sealed class EngineFailureFromOutsideTests(EngineFailureFromOutsideTests.OneEngine on) : IClassFixture<EngineFailureFromOutsideTests.OneEngine>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private EngineFailureCluster Cluster => on.Cluster;

    private IContainerOperations Containers => Cluster.Others[0].Containers;

    [Fact]
    public async Task Kill_OneOfThree_IsReplacedInItsSlotWithTheSignalsCodeAsReason()
    {
        (Service service, Api.Task hit, string container) = await StartAsync("killed");

        await Containers.KillContainerAsync(container, new() { Signal = "SIGKILL" }, Cancel);

        Api.Task failed = await IsReplacedAsync(service, hit);
        Assert.Equal(TaskState.Failed, failed.Status.State);
        Assert.Equal("task: non-zero exit (137)", failed.Status.Err);
        await RemoveAsync(service);
    }

    [Fact]
    public async Task RemoveByForce_OneOfThree_IsReplacedInItsSlotAndTheReasonSaysWhatHappened()
    {
        (Service service, Api.Task hit, string container) = await StartAsync("removed");

        await Containers.RemoveContainerAsync(container, new() { Force = true }, Cancel);

        Api.Task failed = await IsReplacedAsync(service, hit);
        Assert.Equal(TaskState.Failed, failed.Status.State);
        // The engine kills before it removes; which of the two is seen first is chance.
        string removed = $"container removed.{hit.Slot}.{hit.Id} was removed by somebody else";
        Assert.Contains(failed.Status.Err, new[] { "task: non-zero exit (137)", removed });
        await RemoveAsync(service);
    }

    [Fact]
    public async Task Stop_ProgramEndsWell_IsCompleteAndReplaced()
    {
        (Service service, Api.Task hit, string container) = await StartAsync("stopped");

        await Containers.StopContainerAsync(container, new() { WaitBeforeKillSeconds = 5 }, Cancel);

        Api.Task ended = await IsReplacedAsync(service, hit);
        Assert.Equal(TaskState.Complete, ended.Status.State);
        Assert.Equal("finished", ended.Status.Message);
        await RemoveAsync(service);
    }

    [Fact]
    public async Task Stop_ReplacedOnlyOnFailure_StaysEndedLikeWorkThatIsDone()
    {
        ServiceSpec spec = EngineFailureCluster.Spec("once", 1);
        spec.Task.Restart.Condition = Api.RestartPolicy.Types.RestartCondition.OnFailure;
        (Service service, Api.Task hit, string container) = await StartAsync(spec);

        await Containers.StopContainerAsync(container, new() { WaitBeforeKillSeconds = 5 }, Cancel);

        await Cluster.UntilTaskAsync(service, "the task is complete", t => t.Id == hit.Id && t.Status.State == TaskState.Complete);
        await EngineFailureCluster.HoldsAsync(
            TimeSpan.FromSeconds(1), () => Assert.Equal([hit.Id], Cluster.Cluster.State.TasksByService(service.Id).Select(t => t.Id)));
        await RemoveAsync(service);
    }

    [Fact]
    public async Task Pause_ThenUnpause_NothingIsReplaced()
    {
        (Service service, Api.Task hit, string container) = await StartAsync("frozen");
        string[] before = Ids(service);

        await Containers.PauseContainerAsync(container, Cancel);
        await EngineFailureCluster.HoldsAsync(TimeSpan.FromSeconds(1), () => Assert.Equal(before, Ids(service)));
        await Containers.UnpauseContainerAsync(container, Cancel);
        await Containers.KillContainerAsync(container, new() { Signal = "SIGKILL" }, Cancel);

        await IsReplacedAsync(service, hit);
        await RemoveAsync(service);
    }

    [Fact]
    public async Task Pause_ServiceRemoved_TheFrozenContainerGoesToo()
    {
        (Service service, _, string container) = await StartAsync("ice");

        await Containers.PauseContainerAsync(container, Cancel);

        await RemoveAsync(service);
        await Assert.ThrowsAsync<DockerContainerNotFoundException>(() => Containers.InspectContainerAsync(container, Cancel));
    }

    private Task<(Service Service, Api.Task Hit, string Container)> StartAsync(string name) => StartAsync(EngineFailureCluster.Spec(name, 3));

    private async Task<(Service Service, Api.Task Hit, string Container)> StartAsync(ServiceSpec spec)
    {
        Service service = await Cluster.CreateAsync(spec);
        Api.Task hit = EngineFailureCluster.Running(Cluster.Cluster.State, service)[0];
        return (service, hit, hit.Status.Container.ContainerId);
    }

    private string[] Ids(Service service) =>
        [.. EngineFailureCluster.Running(Cluster.Cluster.State, service).Select(t => t.Id)];

    // The other slots keep what they have.
    private async Task<Api.Task> IsReplacedAsync(Service service, Api.Task hit)
    {
        Dictionary<ulong, string> others = Cluster.Cluster.State.TasksByService(service.Id)
            .Where(t => t.Slot != hit.Slot).ToDictionary(t => t.Slot, t => t.Id);
        await Cluster.UntilTaskAsync(
            service, $"slot {hit.Slot} runs again", t => t.Slot == hit.Slot && t.Id != hit.Id && t.Status.State == TaskState.Running);
        await Cluster.UntilContainersMatchAsync();
        Assert.Equal(3, EngineFailureCluster.Running(Cluster.Cluster.State, service).Select(t => t.Slot).Distinct().Count());
        Assert.All(others, o => Assert.Equal(TaskState.Running, Cluster.Cluster.State.Get<Api.Task>(o.Value)!.Status.State));
        return Cluster.Cluster.State.Get<Api.Task>(hit.Id)!;
    }

    private async Task RemoveAsync(Service service)
    {
        await Cluster.Client.Services.RemoveAsync(service.Id, Cancel);
        await Cluster.UntilAsync("the service's tasks are gone", state => !state.TasksByService(service.Id).Any());
        await Cluster.UntilContainersMatchAsync();
    }

    public sealed class OneEngine : IAsyncLifetime
    {
        internal EngineFailureCluster Cluster { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Cluster = await EngineFailureCluster.StartAsync(new Swarm.Docker.Testing.PrivateEngineOptions());

        public ValueTask DisposeAsync() => Cluster?.DisposeAsync() ?? default;
    }
}
