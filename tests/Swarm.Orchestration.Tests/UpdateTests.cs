// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Tests.Support;
using Swarm.Store;
using FailureAction = Swarm.Api.UpdateConfig.Types.FailureAction;
using Order = Swarm.Api.UpdateConfig.Types.UpdateOrder;
using State = Swarm.Api.UpdateStatus.Types.UpdateState;

namespace Swarm.Orchestration.Tests;

public sealed class UpdateTests : IAsyncDisposable
{
    private readonly World _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(4, 4)]
    [InlineData(0, 6)]
    public void Update_StopFirst_ReplacesAtMostParallelismSlotsAtOnce(ulong parallelism, int atOnce)
    {
        string id = Start(6, c => c.Parallelism = parallelism);
        _world.Changes.Clear();
        Update(id, "web:2");
        Assert.Equal(State.Updating, _world.Service(id).UpdateStatus.State);
        Assert.Equal(6 - atOnce, _world.Running(id).Count);
        _world.Advance(60);

        Assert.Equal(atOnce, MaxAway());
        Assert.Equal(6, _world.Running(id).Count);
        Assert.All(_world.Running(id), static t => Assert.Equal("web:2", t.Spec.Container.Image));
        Assert.Equal(State.Completed, _world.Service(id).UpdateStatus.State);
        Assert.Equal("update completed", _world.Service(id).UpdateStatus.Message);
        Assert.NotNull(_world.Service(id).UpdateStatus.CompletedAt);
    }

    [Fact]
    public void Update_StopFirst_NewTaskRunsOnlyAfterTheOldOneStopped()
    {
        string id = Start(1);
        _world.Stops = static _ => false;
        Update(id, "web:2");
        _world.Advance(59);
        Assert.Equal(TaskState.Ready, _world.WantedIn(id, 1).DesiredState);
        _world.Stops = static _ => true;
        _world.RunAgents();
        Assert.Equal((TaskState.Running, "web:2"), (_world.WantedIn(id, 1).ObservedState(), _world.WantedIn(id, 1).Spec.Container.Image));
    }

    [Fact]
    public void Update_Delay_PassesAfterEachSlot()
    {
        string id = Start(3, static c => c.Delay = Specs.Seconds(10));
        Update(id, "web:2");
        _world.RunAgents();
        Assert.Equal(1, Updated(id, "web:2"));
        _world.Advance(9);
        Assert.Equal(1, Updated(id, "web:2"));
        _world.Advance(1);
        Assert.Equal(2, Updated(id, "web:2"));
        _world.Advance(10);
        Assert.Equal(3, Updated(id, "web:2"));
    }

    [Fact]
    public void Update_StartFirst_OldTaskServesUntilTheNewOneRuns()
    {
        string id = Start(2, static c => c.Order = Order.StartFirst);
        _world.OnRun = static t => t.Spec.Container.Image == "web:2" ? TaskState.Starting : TaskState.Running;
        Update(id, "web:2");
        _world.Advance(30);
        Assert.Equal(3, _world.Wanted(id).Count);
        Assert.Equal(2, Updated(id, "web:1"));
        _world.OnRun = static _ => TaskState.Running;
        _world.Advance(10);
        Assert.Equal(2, Updated(id, "web:2"));
        Assert.Equal(2, _world.Wanted(id).Count);
        Assert.Equal(State.Completed, _world.Service(id).UpdateStatus.State);
    }

    [Fact]
    public void Update_StartFirstNeverRuns_PausesAtTheLimitWithAReason()
    {
        string id = Start(2, static c => c.Order = Order.StartFirst);
        _world.OnRun = static t => t.Spec.Container.Image == "web:2" ? TaskState.Preparing : TaskState.Running;
        Update(id, "web:2");
        _world.Advance(599);
        Assert.Equal(State.Updating, _world.Service(id).UpdateStatus.State);
        _world.Advance(2);
        UpdateStatus status = _world.Service(id).UpdateStatus;
        Assert.Equal(State.Paused, status.State);
        Assert.Contains("did not run within 00:10:00", status.Message, StringComparison.Ordinal);
        Assert.Equal(2, Updated(id, "web:1"));
    }

    [Fact]
    public void Update_NothingOfTheTaskChanged_TouchesNoTask()
    {
        string id = Start(2);
        HashSet<string> before = [.. _world.Running(id).Select(static t => t.Id)];
        _world.UpdateService(id, static s => s.WithTask(s.Task.Clone()));
        _world.Advance(10);
        Assert.Equal(before, _world.Running(id).Select(static t => t.Id).ToHashSet());
        Assert.Null(_world.Service(id).UpdateStatus);
    }

    [Fact]
    public void Update_OnlyPlacementChanged_KeepsTasksWhoseNodeFits()
    {
        string id = Start(2);
        string kept = _world.Running(id).Single(static t => t.NodeId == "n1").Id;
        _world.UpdateService(id, static s => s.WithTask(s.Task.WithPlacement(new Placement { Constraints = { "node.hostname==n1" } })));
        _world.Advance(20);
        Assert.Equal(["n1", "n1"], _world.Running(id).Select(static t => t.NodeId));
        Assert.Contains(_world.Running(id), t => t.Id == kept);
    }

    [Fact]
    public void Update_EndpointChanged_ReplacesTasks()
    {
        string id = Start(1);
        string old = _world.WantedIn(id, 1).Id;
        _world.UpdateService(id, static s => s.WithEndpoint(new EndpointSpec { Mode = EndpointSpec.Types.ResolutionMode.Dnsrr }));
        _world.Advance(10);
        Assert.NotEqual(old, Assert.Single(_world.Running(id)).Id);
    }

    [Fact]
    public void Update_ForceUpdateRaised_ReplacesTasks()
    {
        string id = Start(1);
        string old = _world.WantedIn(id, 1).Id;
        _world.UpdateService(id, static s => s.WithTask(s.Task.WithForceUpdate(1)));
        _world.Advance(10);
        Assert.NotEqual(old, Assert.Single(_world.Running(id)).Id);
    }

    [Fact]
    public void Update_PullOptionsChanged_LeavesARunningTaskAlone()
    {
        string id = Start(1);
        string old = _world.WantedIn(id, 1).Id;
        _world.UpdateService(id, static s => s.WithTask(s.Task.WithContainer(
            s.Task.Container.WithPullOptions(new ContainerSpec.Types.PullOptions { RegistryAuth = "token" }))));
        _world.Advance(10);
        Assert.Equal(old, Assert.Single(_world.Running(id)).Id);
    }

    [Fact]
    public void Update_NewTaskFails_PausesAndNothingMoves()
    {
        string id = Start(4, static c => c.Parallelism = 2);
        _world.OnRun = static t => t.Spec.Container.Image == "bad" ? TaskState.Failed : TaskState.Running;
        Update(id, "bad");
        _world.Advance(60);
        UpdateStatus status = _world.Service(id).UpdateStatus;
        Assert.Equal(State.Paused, status.State);
        Assert.StartsWith("update paused due to failure or early termination of task ", status.Message, StringComparison.Ordinal);
        Assert.Equal(2, Updated(id, "web:1"));

        // A newer goal starts again, also where tasks had failed.
        Update(id, "web:3");
        _world.Advance(60);
        Assert.Equal(4, Updated(id, "web:3"));
        Assert.Equal(State.Completed, _world.Service(id).UpdateStatus.State);
    }

    [Fact]
    public void Update_NewTaskFailsAfterTheMonitorPeriod_GoesOn()
    {
        string id = Start(2, static c => c.Delay = Specs.Seconds(20));
        Update(id, "web:2");
        _world.Advance(6);
        _world.Report(Assert.Single(_world.Running(id), static t => t.Spec.Container.Image == "web:2").Id, TaskState.Failed);
        _world.Advance(60);
        Assert.Equal(State.Completed, _world.Service(id).UpdateStatus.State);
        Assert.Equal(2, Updated(id, "web:2"));
    }

    [Fact]
    public void Update_LastTaskFailsWhileMonitored_StillPauses()
    {
        string id = Start(1);
        Update(id, "web:2");
        _world.Advance(4);
        Assert.Equal(State.Updating, _world.Service(id).UpdateStatus.State);
        _world.Report(_world.WantedIn(id, 1).Id, TaskState.Failed);
        Assert.Equal(State.Paused, _world.Service(id).UpdateStatus.State);
    }

    [Fact]
    public void Update_ActionContinue_GoesThroughAllSlots()
    {
        string id = Start(3, static c => c.FailureAction = FailureAction.Continue);
        _world.OnRun = static t => t.Spec.Container.Image == "bad" ? TaskState.Failed : TaskState.Running;
        Update(id, "bad");
        _world.Advance(30);
        Assert.Equal(State.Completed, _world.Service(id).UpdateStatus.State);
        Assert.All(_world.Wanted(id), static t => Assert.Equal("bad", t.Spec.Container.Image));
    }

    [Fact]
    public void Update_FailuresWithinTheRatio_AreTolerated()
    {
        string id = Start(4, static c => c.MaxFailureRatio = 0.25f);
        string? victim = null;
        _world.OnRun = t =>
        {
            victim ??= t.Spec.Container.Image == "web:2" ? t.Id : null;
            return t.Id == victim ? TaskState.Failed : TaskState.Running;
        };
        Update(id, "web:2");
        _world.Advance(60);
        Assert.Equal(State.Completed, _world.Service(id).UpdateStatus.State);
        Assert.Equal(4, Updated(id, "web:2"));
    }

    [Fact]
    public void Update_ActionRollback_GoesBackToThePreviousSpec()
    {
        string id = Start(3, static c => c.FailureAction = FailureAction.Rollback);
        Api.Version first = _world.Service(id).SpecVersion;
        _world.OnRun = static t => t.Spec.Container.Image == "bad" ? TaskState.Failed : TaskState.Running;
        Update(id, "bad");
        _world.Advance(60);
        Service service = _world.Service(id);
        Assert.Equal(State.RollbackCompleted, service.UpdateStatus.State);
        Assert.Equal((first, "web:1"), (service.SpecVersion, service.Spec.Task.Container.Image));
        Assert.Null(service.PreviousSpec);
        Assert.Equal(3, Updated(id, "web:1"));
    }

    [Fact]
    public void Update_RollbackFailsToo_PausesForGood()
    {
        string id = Start(2, static c => c.FailureAction = FailureAction.Rollback);
        bool broken = false;
        _world.OnRun = t => broken || t.Spec.Container.Image == "bad" ? TaskState.Failed : TaskState.Running;
        broken = true;
        Update(id, "bad");
        _world.Advance(60);
        Assert.Equal(State.RollbackPaused, _world.Service(id).UpdateStatus.State);
        Assert.StartsWith("rollback paused due to", _world.Service(id).UpdateStatus.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Update_NewerGoalWhileUpdating_ReplacesTheOlderOne()
    {
        string id = Start(4, static c => c.Delay = Specs.Seconds(5));
        Update(id, "web:2");
        _world.Advance(6);
        Assert.Equal(2, Updated(id, "web:2"));
        Update(id, "web:3");
        _world.Advance(60);
        Assert.Equal(4, Updated(id, "web:3"));
        Assert.Equal(State.Completed, _world.Service(id).UpdateStatus.State);
    }

    [Fact]
    public void Update_NoNodeForTheNewTask_PausesAtTheLimit()
    {
        string id = Start(2);
        _world.UpdateService(id, static s => s.WithTask(s.Task.WithResources(
            new ResourceRequirements { Reservations = new Resources { NanoCpus = 1_000_000_000_000 } })));
        _world.Advance(5);
        Assert.Contains("no suitable node", Assert.Single(_world.Wanted(id), static t => t.DesiredState >= TaskState.Ready
            && t.ObservedState() == TaskState.Pending).Status.Err, StringComparison.Ordinal);
        _world.Advance(600);
        Assert.Equal(State.Paused, _world.Service(id).UpdateStatus.State);
        Assert.Equal(1, Updated(id, "web:1"));
    }

    [Fact]
    public void Update_ServiceThatCameToItsEnd_StartsAgainWithTheNewSpec()
    {
        _world.AddNodes(1);
        string id = _world.CreateService(Specs.Replicated("job", 1, static s => s.Restart(RestartPolicy.Types.RestartCondition.None)));
        _world.RunAgents();
        _world.Report(_world.WantedIn(id, 1).Id, TaskState.Complete);
        Update(id, "web:2");
        _world.Advance(10);
        Assert.Equal(1, Updated(id, "web:2"));
    }

    private string Start(ulong replicas, Action<UpdateConfig>? change = null)
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Replicated("web", replicas, s =>
        {
            s.Update = new UpdateConfig { Parallelism = 1, Monitor = Specs.Seconds(5) };
            s.Rollback = new UpdateConfig { Parallelism = 0, Monitor = Specs.Seconds(5) };
            change?.Invoke(s.Update);
        }));
        _world.RunAgents();
        Assert.Equal((int)replicas, _world.Running(id).Count);
        return id;
    }

    private void Update(string id, string image) => _world.UpdateService(id, s => s.WithImage(image));

    private int Updated(string id, string image) => _world.Running(id).Count(t => t.Spec.Container.Image == image);

    // Replayed from the changes: the most slots that were without a serving task at one time.
    private int MaxAway()
    {
        int away = 0, most = 0;
        foreach (StoreChange change in _world.Changes)
        {
            if (change.Old is Api.Task before && change.New is Api.Task after)
            {
                away += Serves(before) && !Serves(after) ? 1 : !Serves(before) && Serves(after) ? -1 : 0;
                most = Math.Max(most, away);
            }
        }

        return most;
    }

    private static bool Serves(Api.Task task) => task.ObservedState() == TaskState.Running && task.DesiredState == TaskState.Running;
}
