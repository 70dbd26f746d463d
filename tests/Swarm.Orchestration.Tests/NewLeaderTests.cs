// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Tests.Support;
using State = Swarm.Api.UpdateStatus.Types.UpdateState;

namespace Swarm.Orchestration.Tests;

/// <summary>A new leader has nothing but the store, and goes on where the old one stopped.</summary>
public sealed class NewLeaderTests : IAsyncDisposable
{
    private readonly World _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public void NewLeader_ReplacementWaits_StartsAfterTheRemainingDelay()
    {
        string id = Start(1, static s => s.Restart(RestartPolicy.Types.RestartCondition.Any, delay: 20));
        _world.Report(_world.WantedIn(id, 1).Id, TaskState.Failed);
        _world.Advance(12);
        string waiting = _world.WantedIn(id, 1).Id;
        _world.NewReign();
        _world.Advance(6);
        Assert.Equal((waiting, TaskState.Ready), (_world.WantedIn(id, 1).Id, _world.WantedIn(id, 1).DesiredState));
        _world.Advance(1);
        Assert.Equal(waiting, Assert.Single(_world.Running(id)).Id);
    }

    [Fact]
    public void NewLeader_AttemptsUsed_AreRemembered()
    {
        string id = Start(1, static s => s.Restart(RestartPolicy.Types.RestartCondition.Any, attempts: 2));
        for (int i = 0; i < 3; i++)
        {
            _world.Report(_world.WantedIn(id, 1).Id, TaskState.Failed);
            _world.NewReign();
            _world.Advance(5);
        }

        Assert.Empty(_world.Wanted(id));
        _world.NewReign();
        _world.Advance(60);
        Assert.Empty(_world.Wanted(id));
    }

    [Fact]
    public void NewLeader_UpdateUnderWay_GoesOnWithItsParallelismAndDelay()
    {
        string id = Start(4, static s => s.Update = new UpdateConfig { Parallelism = 1, Delay = Specs.Seconds(10) });
        _world.UpdateService(id, static s => s.WithImage("web:2"));
        _world.Advance(5);
        Assert.Equal(1, Updated(id));
        _world.NewReign();
        _world.Advance(3);
        Assert.Equal(1, Updated(id));
        _world.Advance(1);
        Assert.Equal(2, Updated(id));
        _world.Advance(30);
        Assert.Equal((4, State.Completed), (Updated(id), _world.Service(id).UpdateStatus.State));
    }

    [Fact]
    public void NewLeader_NewTaskHadFailed_StillPausesTheUpdate()
    {
        string id = Start(3, static s => s.Update = new UpdateConfig { Parallelism = 1, MaxFailureRatio = 0.4f });
        _world.OnRun = static t => t.Spec.Container.Image == "web:2" ? TaskState.Failed : TaskState.Running;
        _world.UpdateService(id, static s => s.WithImage("web:2"));
        _world.RunAgents();
        _world.NewReign();
        _world.Advance(10);
        Assert.Equal(State.Paused, _world.Service(id).UpdateStatus.State);
    }

    [Fact]
    public void NewLeader_NodesUnknown_HoldsNewTasksUntilTheyReport()
    {
        string id = Start(2, static _ => { });
        _world.TakeDown("n1", NodeStatus.Types.State.Unknown);
        _world.TakeDown("n2", NodeStatus.Types.State.Unknown);
        _world.NewReign();
        _world.Scale(id, 4);
        Assert.Equal(2, _world.Running(id).Count);
        Assert.Equal(2, _world.Wanted(id).Count(static t => t.ObservedState() == TaskState.Pending));
        _world.BringBack("n1");
        _world.BringBack("n2");
        _world.RunAgents();
        Assert.Equal(4, _world.Running(id).Count);
    }

    private string Start(ulong replicas, Action<ServiceSpec> change)
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Replicated("web", replicas, change));
        _world.RunAgents();
        return id;
    }

    private int Updated(string id) => _world.Running(id).Count(static t => t.Spec.Container.Image == "web:2");
}
