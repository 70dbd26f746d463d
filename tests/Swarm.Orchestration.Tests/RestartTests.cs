// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Tests.Support;
using Condition = Swarm.Api.RestartPolicy.Types.RestartCondition;

namespace Swarm.Orchestration.Tests;

public sealed class RestartTests : IAsyncDisposable
{
    private readonly World _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData(Condition.Any, TaskState.Complete, true)]
    [InlineData(Condition.Any, TaskState.Failed, true)]
    [InlineData(Condition.Any, TaskState.Rejected, true)]
    [InlineData(Condition.OnFailure, TaskState.Complete, false)]
    [InlineData(Condition.OnFailure, TaskState.Failed, true)]
    [InlineData(Condition.OnFailure, TaskState.Rejected, true)]
    [InlineData(Condition.None, TaskState.Complete, false)]
    [InlineData(Condition.None, TaskState.Failed, false)]
    [InlineData(Condition.None, TaskState.Rejected, false)]
    public void Restart_TaskEnds_ConditionDecides(Condition condition, TaskState end, bool again)
    {
        string id = Start(condition);
        string old = _world.WantedIn(id, 1).Id;
        _world.Report(old, end);
        _world.Advance(10);

        Assert.Equal(TaskState.Shutdown, _world.Get(old).DesiredState);
        Assert.Equal(again ? 1 : 0, _world.Running(id).Count);
        Assert.DoesNotContain(_world.Running(id), t => t.Id == old);
        if (!again)
        {
            // A slot that is done is not filled again, by scaling either.
            _world.Scale(id, 2);
            _world.Advance(10);
            Assert.Equal([2UL], _world.Running(id).Select(static t => t.Slot));
        }
    }

    [Fact]
    public void Restart_NoPolicy_RestartsAfterFiveSeconds()
    {
        _world.AddNodes(1);
        string id = _world.CreateService(Specs.Replicated("web", 1));
        _world.RunAgents();
        _world.Report(_world.WantedIn(id, 1).Id, TaskState.Complete);
        _world.Advance(4.9);
        Assert.Equal((TaskState.Ready, TaskState.Ready), (_world.WantedIn(id, 1).DesiredState, _world.WantedIn(id, 1).ObservedState()));
        _world.Advance(0.1);
        Assert.Single(_world.Running(id));
    }

    [Fact]
    public void Restart_Delay_IsThatOfThePolicy()
    {
        string id = Start(Condition.Any, delay: 30);
        _world.Report(_world.WantedIn(id, 1).Id, TaskState.Failed);
        _world.Advance(29);
        Assert.Empty(_world.Running(id));
        _world.Advance(1);
        Assert.Single(_world.Running(id));
    }

    [Fact]
    public void Restart_NoDelay_StartsAtOnceWhenTheOldTaskIsDead()
    {
        string id = Start(Condition.Any, delay: 0);
        _world.Report(_world.WantedIn(id, 1).Id, TaskState.Failed);
        Api.Task next = _world.WantedIn(id, 1);
        Assert.Equal((TaskState.Assigned, TaskState.Running), (next.ObservedState(), next.DesiredState));
    }

    [Fact]
    public void Restart_OldTaskDoesNotStop_StartsAfterOneMinute()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Replicated("web", 1));
        _world.RunAgents();
        _world.Stops = static _ => false;
        _world.SetAvailability(_world.WantedIn(id, 1).NodeId, NodeSpec.Types.Availability.Drain);
        _world.Advance(59);
        Assert.Equal(TaskState.Ready, _world.WantedIn(id, 1).DesiredState);
        _world.Advance(1);
        Assert.Equal(TaskState.Running, _world.WantedIn(id, 1).DesiredState);
    }

    [Fact]
    public void Restart_OldTaskStopsWhileItsNodeGoesDown_IsNotWaitedFor()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Replicated("web", 1));
        _world.RunAgents();
        string node = _world.WantedIn(id, 1).NodeId;
        _world.Stops = static _ => false;
        _world.SetAvailability(node, NodeSpec.Types.Availability.Drain);
        _world.Advance(10);
        Assert.Equal(TaskState.Ready, _world.WantedIn(id, 1).DesiredState);
        _world.TakeDown(node);
        Assert.Equal(TaskState.Running, _world.WantedIn(id, 1).DesiredState);
    }

    [Fact]
    public void Restart_MaxAttempts_StopsAfterThatManyInOneSlotOnly()
    {
        string id = Start(Condition.Any, attempts: 2, replicas: 2);
        FailThroughout(id, slot: 1, times: 3);
        Assert.Equal([2UL], _world.Wanted(id).Select(static t => t.Slot));
        Assert.Equal(3, _world.Tasks(id).Count(static t => t.Slot == 1));
        int writes = _world.Writes;
        _world.Advance(600);
        Assert.Equal(writes, _world.Writes);
    }

    [Fact]
    public void Restart_MaxAttemptsReached_ANewSpecForgetsThem()
    {
        string id = Start(Condition.Any, attempts: 1);
        FailThroughout(id, slot: 1, times: 2);
        Assert.Empty(_world.Wanted(id));
        _world.UpdateService(id, static s => s.WithImage("web:2"));
        _world.RunAgents();
        Assert.Single(_world.Running(id));
        FailThroughout(id, slot: 1, times: 1);
        Assert.Single(_world.Running(id));
    }

    [Fact]
    public void Restart_MaxAttemptsReached_ASpecThatIsTakenBackForgetsThemToo()
    {
        string id = Start(Condition.Any, attempts: 2);
        FailThroughout(id, slot: 1, times: 2);
        _world.UpdateService(id, static s => s.WithImage("web:2"));
        _world.Advance(30);
        _world.Do(tx =>
        {
            Service service = tx.Get<Service>(id)!;
            tx.Update(service.WithSpec(service.PreviousSpec).WithSpecVersion(service.PreviousSpecVersion)
                .WithUpdateStatus(new UpdateStatus { State = UpdateStatus.Types.UpdateState.RollbackStarted, StartedAt = tx.Now }));
        });
        _world.Advance(30);
        Assert.Equal("web:1", Assert.Single(_world.Running(id)).Spec.Container.Image);

        FailThroughout(id, slot: 1, times: 2);
        Assert.Single(_world.Running(id));
        FailThroughout(id, slot: 1, times: 1);
        Assert.Empty(_world.Wanted(id));
    }

    [Fact]
    public void Restart_Window_CountsOnlyFailuresWithinIt()
    {
        string id = Start(Condition.Any, attempts: 1, window: 60);
        FailThroughout(id, slot: 1, times: 1);
        _world.Advance(120);
        FailThroughout(id, slot: 1, times: 1);
        Assert.Single(_world.Running(id));
        FailThroughout(id, slot: 1, times: 1);
        Assert.Empty(_world.Wanted(id));
    }

    [Fact]
    public void Restart_WindowShorterThanDelay_StillLimits()
    {
        string id = Start(Condition.Any, delay: 10, attempts: 2, window: 5);
        FailThroughout(id, slot: 1, times: 3, wait: 10);
        Assert.Empty(_world.Wanted(id));
    }

    [Fact]
    public void Restart_LeavingADrainedNode_IsNoAttempt()
    {
        _world.AddNode("n0");
        string id = Start(Condition.Any, attempts: 1);
        for (int i = 0; i < 4; i++)
        {
            string node = _world.WantedIn(id, 1).NodeId;
            _world.SetAvailability(node, NodeSpec.Types.Availability.Drain);
            _world.RunAgents();
            _world.SetAvailability(node, NodeSpec.Types.Availability.Active);
            Assert.NotEqual(node, Assert.Single(_world.Running(id)).NodeId);
        }
    }

    [Fact]
    public void Restart_ConditionNone_DrainEndsTheTaskForGood()
    {
        string id = Start(Condition.None);
        _world.SetAvailability("n1", NodeSpec.Types.Availability.Drain);
        _world.Advance(10);
        Assert.Empty(_world.Wanted(id));
        Assert.Single(_world.Tasks(id));
    }

    [Fact]
    public void Restart_CrashLoop_WritesAreBoundedByTheDelay()
    {
        string id = Start(Condition.Any, delay: 5);
        _world.OnRun = static _ => TaskState.Failed;
        _world.Report(_world.WantedIn(id, 1).Id, TaskState.Failed);
        int before = _world.Writes;
        _world.Advance(100);
        int rounds = 20;

        // Of one round: three reports, old task, new task, pending, assigned, started, one reaped.
        Assert.InRange(_world.Writes - before, rounds * 6, rounds * 9);
        Assert.Equal(5, _world.Tasks(id).Count);
    }

    private string Start(Condition condition, double delay = 5, ulong attempts = 0, double window = 0, ulong replicas = 1)
    {
        _world.AddNode("n1");
        string id = _world.CreateService(Specs.Replicated("web", replicas, s => s.Restart(condition, delay, attempts, window)));
        _world.RunAgents();
        return id;
    }

    private void FailThroughout(string id, ulong slot, int times, double wait = 5)
    {
        for (int i = 0; i < times; i++)
        {
            _world.Report(_world.WantedIn(id, slot).Id, TaskState.Failed, "exit 1");
            _world.Advance(wait);
        }
    }
}
