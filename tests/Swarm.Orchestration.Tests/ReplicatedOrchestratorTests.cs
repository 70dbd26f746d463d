// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Tests.Support;
using Swarm.Store;
using Availability = Swarm.Api.NodeSpec.Types.Availability;
using NodeState = Swarm.Api.NodeStatus.Types.State;

namespace Swarm.Orchestration.Tests;

public sealed class ReplicatedOrchestratorTests : IAsyncDisposable
{
    private readonly World _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public void Replicated_NewService_FillsSlotsFromOneAndAssignsThemInTheSameEntry()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Replicated("web", 5));

        List<Api.Task> tasks = _world.Tasks(id);
        Assert.Equal([1UL, 2, 3, 4, 5], tasks.Select(static t => t.Slot));
        Assert.All(tasks, t =>
        {
            Assert.Equal(TaskState.Assigned, t.ObservedState());
            Assert.Equal(TaskState.Running, t.DesiredState);
            Assert.Equal(_world.Service(id).Meta.Version, t.Meta.Version);
        });
        Assert.Equal([2, 3], tasks.GroupBy(static t => t.NodeId).Select(static g => g.Count()).Order());
        _world.RunAgents();
        Assert.Equal(5, _world.Running(id).Count);
    }

    [Fact]
    public void Replicated_ScaleUp_KeepsRunningTasksAndTakesTheLowestFreeSlots()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Replicated("web", 3));
        _world.RunAgents();
        string gone = _world.WantedIn(id, 2).Id;
        HashSet<string> kept = [_world.WantedIn(id, 1).Id, _world.WantedIn(id, 3).Id];
        _world.Do(tx => tx.Remove<Api.Task>(gone));
        _world.Scale(id, 5);
        _world.RunAgents();

        List<Api.Task> running = _world.Running(id);
        Assert.Equal([1UL, 2, 3, 4, 5], running.Select(static t => t.Slot));
        Assert.Superset(kept, running.Select(static t => t.Id).ToHashSet());
    }

    [Fact]
    public void Replicated_ScaleDown_TakesFromTheFullestNodeThenIdleThenHighSlots()
    {
        _world.AddNode("n1");
        string id = _world.CreateService(Specs.Replicated("web", 3));
        _world.RunAgents();
        _world.AddNode("n2");
        _world.Scale(id, 4);
        _world.RunAgents();
        Assert.Equal("n2", _world.WantedIn(id, 4).NodeId);

        _world.Scale(id, 2);
        _world.RunAgents();
        Assert.Equal([(1UL, "n1"), (4UL, "n2")], _world.Running(id).Select(static t => (t.Slot, t.NodeId)));
        Assert.Equal(2, _world.Tasks(id).Count);
    }

    [Fact]
    public void Replicated_ScaleDown_PrefersTasksThatDoNotRun()
    {
        _world.AddNodes(1);
        _world.OnRun = static t => t.Slot == 1 ? TaskState.Preparing : TaskState.Running;
        string id = _world.CreateService(Specs.Replicated("web", 3));
        _world.RunAgents();
        _world.Scale(id, 2);
        _world.RunAgents();
        Assert.Equal([2UL, 3], _world.Wanted(id).Select(static t => t.Slot));
    }

    [Fact]
    public void Replicated_ScaleToZeroAndRemoved_DeletesTasksOnceTheyStopped()
    {
        _world.AddNodes(1);
        string id = _world.CreateService(Specs.Replicated("web", 2));
        _world.RunAgents();
        _world.Stops = static _ => false;
        _world.Scale(id, 0);
        Assert.All(_world.Tasks(id), static t => Assert.Equal(TaskState.Remove, t.DesiredState));
        Assert.Equal(2, _world.Tasks(id).Count);
        _world.Stops = static _ => true;
        _world.RunAgents();
        Assert.Empty(_world.Tasks(id));
    }

    [Fact]
    public void Replicated_ServiceRemoved_TasksAreMarkedAndGoWhenStopped()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Replicated("web", 4));
        _world.RunAgents();
        _world.RemoveService(id);
        Assert.All(_world.Tasks(id), static t => Assert.Equal(TaskState.Remove, t.DesiredState));
        _world.RunAgents();
        Assert.Empty(_world.Tasks(id));
    }

    [Fact]
    public void Replicated_NodeDown_ReplacesInTheSameSlotAndTheNodeGetsNothingTwice()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Replicated("web", 4));
        _world.RunAgents();
        Dictionary<ulong, string> lost = _world.Running(id)
            .Where(static t => t.NodeId == "n1").ToDictionary(static t => t.Slot, static t => t.Id);
        _world.TakeDown("n1");
        Assert.All(lost, pair =>
        {
            Assert.Equal(TaskState.Shutdown, _world.Get(pair.Value).DesiredState);
            Api.Task next = _world.WantedIn(id, pair.Key);
            Assert.NotEqual(pair.Value, next.Id);
            Assert.Equal(("n2", TaskState.Ready), (next.NodeId, next.DesiredState));
        });
        _world.Advance(5);
        Assert.Equal(4, _world.Running(id).Count);
        Assert.All(_world.Running(id), static t => Assert.Equal("n2", t.NodeId));

        HashSet<string> before = [.. _world.Running(id).Select(static t => t.Id)];
        _world.BringBack("n1");
        _world.Advance(30);
        Assert.Equal(before, _world.Running(id).Select(static t => t.Id).ToHashSet());
        Assert.All(lost.Values, old => Assert.Equal(TaskState.Shutdown, _world.Get(old).ObservedState()));
    }

    [Fact]
    public void Replicated_NodeDrained_MovesWithoutDelayOnceTheOldTaskStopped()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Replicated("web", 2));
        _world.RunAgents();
        _world.Stops = static _ => false;
        _world.SetAvailability("n1", Availability.Drain);
        Api.Task moved = Assert.Single(_world.Wanted(id), static t => t.DesiredState == TaskState.Ready);
        Assert.Equal("n2", moved.NodeId);
        _world.Stops = static _ => true;
        _world.RunAgents();
        Assert.Equal(["n2", "n2"], _world.Running(id).Select(static t => t.NodeId));
    }

    [Fact]
    public void Replicated_NodeLeaves_MovesWithoutDelayOnceTheOldTaskStopped_AndNothingComesThereMeanwhile()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Replicated("web", 2));
        _world.RunAgents();
        _world.Stops = static _ => false;
        _world.Leave("n1");
        Api.Task moved = Assert.Single(_world.Wanted(id), static t => t.DesiredState == TaskState.Ready);
        Assert.Equal("n2", moved.NodeId);
        _world.Stops = static _ => true;
        _world.RunAgents();
        Assert.Equal(["n2", "n2"], _world.Running(id).Select(static t => t.NodeId));
        Assert.Equal(Availability.Active, _world.View.Get<Node>("n1")!.Spec.Availability);
    }

    [Fact]
    public void Replicated_TheOnlyNodeLeaves_TasksWaitWithTheReason()
    {
        _world.AddNodes(1);
        string id = _world.CreateService(Specs.Replicated("web", 2));
        _world.RunAgents();
        _world.Leave("n1");
        _world.RunAgents();
        Assert.All(_world.Wanted(id), static t =>
        {
            Assert.Equal((TaskState.Pending, ""), (t.ObservedState(), t.NodeId));
            Assert.Contains("not available for new tasks", t.Status.Err, StringComparison.Ordinal);
        });
        Assert.Equal(2, _world.Wanted(id).Count);
    }

    [Fact]
    public void Replicated_NodePausedOrUnknown_KeepsItsTasks()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Replicated("web", 4));
        _world.RunAgents();
        HashSet<string> before = [.. _world.Running(id).Select(static t => t.Id)];
        _world.SetAvailability("n1", Availability.Pause);
        _world.TakeDown("n2", NodeState.Unknown);
        _world.Advance(60);
        Assert.Equal(before, _world.Running(id).Select(static t => t.Id).ToHashSet());
    }

    [Fact]
    public void Replicated_NodeRemoved_ReplacesItsTasks()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Replicated("web", 2));
        _world.RunAgents();
        _world.RemoveNode("n1");
        _world.Advance(6);
        Assert.Equal([(1UL, "n2"), (2UL, "n2")], _world.Running(id).Select(static t => (t.Slot, t.NodeId)));
    }

    [Fact]
    public void Replicated_NodesJoin_NothingMovesAndTheNextScaleUsesThem()
    {
        _world.AddNodes(1);
        string id = _world.CreateService(Specs.Replicated("web", 6));
        _world.RunAgents();
        int writes = _world.Writes;
        _world.AddNode("n2");
        _world.Advance(120);
        Assert.Equal(writes + 1, _world.Writes);
        _world.Scale(id, 9);
        _world.RunAgents();
        Assert.Equal(["n2", "n2", "n2"], _world.Running(id).Skip(6).Select(static t => t.NodeId));
    }

    [Fact]
    public void Replicated_ManyReplicas_AreMadeAcrossTurnsWithinTheBudget()
    {
        _world.AddNodes(3);
        string id = _world.CreateService(Specs.Replicated("web", 2500));
        Assert.Equal(2500, _world.Wanted(id).Count(static t => t.ObservedState() == TaskState.Assigned));
        Assert.Equal(2500UL, _world.Wanted(id)[^1].Slot);
        Assert.All(_world.Wanted(id).GroupBy(static t => t.NodeId), static g => Assert.InRange(g.Count(), 833, 834));
    }

    [Fact]
    public void Replicated_AtRest_WritesNothing()
    {
        _world.AddNodes(3);
        _world.CreateService(Specs.Replicated("web", 6));
        _world.RunAgents();
        int writes = _world.Writes;
        Assert.Equal(1 + 3 + 1 + (6 * 4), writes);
        _world.Advance(600);
        Assert.Equal(writes, _world.Writes);
    }

    [Fact]
    public async Task Scale_OverManyTurns_FillsAndEmptiesTheSameSlotsAsInOne()
    {
        await using var world = new World(writer: new StoreWriterOptions { MaxWritesPerController = 7 });
        world.AddNodes(3);
        string id = world.CreateService(Specs.Replicated("web", 60));
        world.RunAgents();
        Assert.Equal(Enumerable.Range(1, 60).Select(static i => (ulong)i), world.Running(id).Select(static t => t.Slot));

        world.Scale(id, 20);
        world.Advance(2);
        Assert.Equal(20, world.Running(id).Count);
        Assert.Equal([6, 7, 7], world.Running(id).CountBy(static t => t.NodeId).Select(static g => g.Value).Order());

        world.Scale(id, 0);
        world.Advance(2);
        Assert.Empty(world.Tasks(id));

        world.Scale(id, 25);
        world.Advance(2);
        Assert.Equal(Enumerable.Range(1, 25).Select(static i => (ulong)i), world.Running(id).Select(static t => t.Slot));
    }
}
