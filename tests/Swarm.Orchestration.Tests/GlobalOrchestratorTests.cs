// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Tests.Support;
using Availability = Swarm.Api.NodeSpec.Types.Availability;
using Condition = Swarm.Api.RestartPolicy.Types.RestartCondition;
using NodeState = Swarm.Api.NodeStatus.Types.State;
using UpdateState = Swarm.Api.UpdateStatus.Types.UpdateState;

namespace Swarm.Orchestration.Tests;

public sealed class GlobalOrchestratorTests : IAsyncDisposable
{
    private readonly World _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public void Global_NewService_HasOneTaskOnEachOpenNode()
    {
        _world.AddNodes(3);
        _world.AddNode("paused", static n => n.Spec.Availability = Availability.Pause);
        _world.AddNode("drained", static n => n.Spec.Availability = Availability.Drain);
        _world.AddNode("down", static n => n.Status.State = NodeState.Down);
        _world.AddNode("unknown", static n => n.Status.State = NodeState.Unknown);
        string id = _world.CreateService(Specs.Global("agent"));
        List<Api.Task> tasks = _world.Tasks(id);
        Assert.Equal(["n1", "n2", "n3"], tasks.Select(static t => t.NodeId));
        Assert.All(
            tasks,
            static t => Assert.Equal((0UL, TaskState.Assigned, TaskState.Running), (t.Slot, t.ObservedState(), t.DesiredState)));
    }

    [Fact]
    public void Global_NodeComesAndIsRemoved_TaskFollows()
    {
        string id = _world.CreateService(Specs.Global("agent"));
        Assert.Empty(_world.Tasks(id));
        _world.AddNode("n1");
        _world.RunAgents();
        Assert.Equal("n1", Assert.Single(_world.Running(id)).NodeId);
        _world.RemoveNode("n1");
        Assert.Empty(_world.Tasks(id));
    }

    [Fact]
    public void Global_NodeDown_ShutsDownWithoutReplacementAndComesBackOnce()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Global("agent"));
        _world.RunAgents();
        string old = _world.Running(id).Single(static t => t.NodeId == "n1").Id;
        _world.TakeDown("n1");
        _world.Advance(30);
        Assert.Equal(["n2"], _world.Wanted(id).Select(static t => t.NodeId));
        _world.BringBack("n1");
        _world.Advance(10);
        Assert.Equal(["n1", "n2"], _world.Running(id).Select(static t => t.NodeId));
        Assert.Equal(TaskState.Shutdown, _world.Get(old).ObservedState());
        Assert.Equal(3, _world.Tasks(id).Count);
    }

    [Theory]
    [InlineData(Condition.Any)]
    [InlineData(Condition.None)]
    public void Global_NodeDrainedThenActive_TaskGoesAndComesBack(Condition condition)
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Global("agent", s => s.Restart(condition)));
        _world.RunAgents();
        _world.SetAvailability("n1", Availability.Drain);
        _world.RunAgents();
        Assert.Equal(["n2"], _world.Running(id).Select(static t => t.NodeId));
        _world.SetAvailability("n1", Availability.Active);
        _world.RunAgents();
        Assert.Equal(["n1", "n2"], _world.Running(id).Select(static t => t.NodeId));
    }

    [Fact]
    public void Global_NodeLeavesAndComesBack_TaskGoesAndComesBack()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Global("agent"));
        _world.RunAgents();
        _world.Leave("n1");
        _world.RunAgents();
        Assert.Equal(["n2"], _world.Running(id).Select(static t => t.NodeId));
        _world.ChangeNode("n1", static n => n.WithStatus(new NodeStatus { State = NodeState.Ready }));
        _world.RunAgents();
        Assert.Equal(["n1", "n2"], _world.Running(id).Select(static t => t.NodeId));
    }

    [Fact]
    public void Global_NodePaused_KeepsItsTaskButIsNeitherRestartedNorUpdated()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Global("agent"));
        _world.RunAgents();
        string paused = _world.Running(id).Single(static t => t.NodeId == "n1").Id;
        _world.SetAvailability("n1", Availability.Pause);
        _world.UpdateService(id, static s => s.WithImage("web:2"));
        _world.Advance(10);
        Assert.Equal(UpdateState.Completed, _world.Service(id).UpdateStatus.State);
        Assert.Equal([("n1", "web:1"), ("n2", "web:2")], _world.Running(id).Select(static t => (t.NodeId, t.Spec.Container.Image)));

        _world.Report(paused, TaskState.Failed);
        _world.Advance(10);
        Assert.Equal(["n2"], _world.Wanted(id).Select(static t => t.NodeId));
        _world.SetAvailability("n1", Availability.Active);
        _world.Advance(10);
        Assert.Equal(["web:2", "web:2"], _world.Running(id).Select(static t => t.Spec.Container.Image));
    }

    [Fact]
    public void Global_PausedNodeOpensAgain_IsUpdatedThen()
    {
        _world.AddNodes(1);
        string id = _world.CreateService(Specs.Global("agent"));
        _world.RunAgents();
        _world.SetAvailability("n1", Availability.Pause);
        _world.UpdateService(id, static s => s.WithImage("web:2"));
        _world.Advance(10);
        Assert.Equal("web:1", Assert.Single(_world.Running(id)).Spec.Container.Image);
        _world.SetAvailability("n1", Availability.Active);
        _world.Advance(10);
        Assert.Equal("web:2", Assert.Single(_world.Running(id)).Spec.Container.Image);
        Assert.Equal(UpdateState.Completed, _world.Service(id).UpdateStatus.State);
    }

    [Fact]
    public void Global_Constraints_FollowTheLabelsOfNodes()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Global("agent", static s => s.Constrain("node.labels.disk==ssd")));
        Assert.Empty(_world.Tasks(id));
        _world.SetLabel("n2", "disk", "ssd");
        _world.RunAgents();
        Assert.Equal("n2", Assert.Single(_world.Running(id)).NodeId);
        _world.SetLabel("n2", "disk", "hdd");
        _world.SetLabel("n1", "disk", "ssd");
        _world.RunAgents();
        Assert.Equal("n1", Assert.Single(_world.Running(id)).NodeId);
    }

    [Fact]
    public void Global_NewConstraints_EndTasksElsewhereAndKeepThoseThatFit()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Global("agent"));
        _world.RunAgents();
        string kept = _world.Running(id)[1].Id;
        _world.UpdateService(id, static s => s.WithTask(s.Task.WithPlacement(new Placement { Constraints = { "node.id==n2" } })));
        _world.Advance(10);
        Assert.Equal(kept, Assert.Single(_world.Running(id)).Id);
    }

    [Fact]
    public void Global_TaskEnds_RestartsOnTheSameNodeByPolicy()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Global("agent", static s => s.Restart(Condition.OnFailure, attempts: 1)));
        _world.RunAgents();
        _world.Report(_world.Running(id)[0].Id, TaskState.Failed);
        _world.Report(_world.Running(id).Single(static t => t.NodeId == "n2").Id, TaskState.Complete);
        _world.Advance(10);
        Assert.Equal("n1", Assert.Single(_world.Running(id)).NodeId);
        _world.Report(_world.Running(id)[0].Id, TaskState.Failed);
        _world.Advance(10);
        Assert.Empty(_world.Wanted(id));
        int writes = _world.Writes;
        _world.Advance(100);
        Assert.Equal(writes, _world.Writes);
    }
}
