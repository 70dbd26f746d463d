// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Tests.Support;
using Availability = Swarm.Api.NodeSpec.Types.Availability;
using NodeState = Swarm.Api.NodeStatus.Types.State;

namespace Swarm.Orchestration.Tests;

public sealed class SchedulingTests : IAsyncDisposable
{
    private readonly World _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public void Allocator_NoNetworks_TaskIsPendingWithTheWordsOfSwarmKit()
    {
        string id = _world.CreateService(Specs.Replicated("web", 1));
        Api.Task task = Assert.Single(_world.Tasks(id));
        Assert.Equal((TaskState.Pending, "pending task scheduling"), (task.ObservedState(), task.Status.Message));
        Assert.Equal("no suitable node", task.Status.Err);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Allocator_NetworksOrIngressPorts_TaskStaysNewAndSaysWhy(bool network)
    {
        _world.AddNodes(1);
        string id = _world.CreateService(Specs.Replicated("web", 1, s =>
        {
            if (network)
            {
                s.Task.Networks.Add(new NetworkAttachmentConfig { Target = "net" });
            }
            else
            {
                s.Endpoint = new EndpointSpec { Ports = { new PortConfig { TargetPort = 80, PublishedPort = 8080 } } };
            }
        }));
        Api.Task task = Assert.Single(_world.Tasks(id));
        Assert.Equal((TaskState.New, TaskAllocator.WaitingMessage), (task.ObservedState(), task.Status.Message));
        int writes = _world.Writes;
        _world.Advance(60);
        Assert.Equal(writes, _world.Writes);

        _world.RemoveService(id);
        Assert.Empty(_world.Tasks(id));
    }

    [Fact]
    public void Allocator_HostPorts_AreThoseOfTheTaskAlsoWhenItIsReplaced()
    {
        _world.AddNodes(1);
        PortConfig[] ports = [HostPort(8080), HostPort(0)];
        string id = _world.CreateService(Specs.Replicated("web", 1, s => s.Endpoint = new EndpointSpec { Ports = { ports } }));
        Api.Task first = Assert.Single(_world.Tasks(id));
        Assert.Equal(ports, first.Endpoint.Ports);
        Assert.Equal(ports, first.Endpoint.Spec.Ports);

        _world.RunAgents();
        _world.Report(first.Id, TaskState.Failed);
        _world.Advance(60);
        _world.RunAgents();
        Api.Task second = Assert.Single(_world.Running(id));
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(ports, second.Endpoint.Ports);
    }

    [Fact]
    public void Allocator_NoPorts_TheTaskHasNone()
    {
        _world.AddNodes(1);
        Assert.Empty(Assert.Single(_world.Tasks(_world.CreateService(Specs.Replicated("web", 1)))).Endpoint.Ports);
    }

    [Fact]
    public void Allocator_HostPortsOfAGlobalService_AreThoseOfEachTask()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Global("web", static s => s.Endpoint = new EndpointSpec { Ports = { HostPort(8080) } }));
        Assert.Equal(2, _world.Tasks(id).Count(static t => t.ObservedState() == TaskState.Assigned));
        Assert.All(_world.Tasks(id), static t => Assert.Equal([HostPort(8080)], t.Endpoint.Ports));
    }

    [Fact]
    public void Scheduler_HostPortsThatTheNodeChooses_ShareANode()
    {
        _world.AddNodes(1);
        string id = _world.CreateService(Specs.Replicated("web", 3, static s => s.Endpoint = new EndpointSpec { Ports = { HostPort(0) } }));
        Assert.All(_world.Tasks(id), static t => Assert.Equal(TaskState.Assigned, t.ObservedState()));
    }

    [Fact]
    public void Scheduler_HostPorts_NeedNoNetworks()
    {
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Replicated("web", 3, static s => s.Endpoint = new EndpointSpec
        {
            Ports = { HostPort(8080) },
        }));
        Api.Task[] placed = [.. _world.Tasks(id).Where(static t => t.ObservedState() == TaskState.Assigned)];
        Assert.Equal(["n1", "n2"], placed.Select(static t => t.NodeId).Order());
        Assert.Single(_world.Tasks(id), static t => t.Status.Err.StartsWith("no suitable node (", StringComparison.Ordinal));
    }

    [Fact]
    public void Scheduler_Placed_SaysSoAndClearsTheError()
    {
        string id = _world.CreateService(Specs.Replicated("web", 1));
        _world.AddNode("n1");
        Api.Task task = Assert.Single(_world.Tasks(id));
        Assert.Equal((TaskState.Assigned, "n1"), (task.ObservedState(), task.NodeId));
        Assert.Equal(("scheduler assigned task to node", ""), (task.Status.Message, task.Status.Err));
    }

    [Fact]
    public void Scheduler_Unplaceable_SaysWhyOnceAndIsPlacedWhenResourcesGetFree()
    {
        _world.AddNode("n1");
        string small = _world.CreateService(Specs.Replicated("small", 1, static s => Reserve(s, 3)));
        _world.RunAgents();
        string big = _world.CreateService(Specs.Replicated("big", 1, static s => Reserve(s, 2)));
        Api.Task waiting = Assert.Single(_world.Tasks(big));
        Assert.Equal(TaskState.Pending, waiting.ObservedState());
        Assert.Contains("1 node", waiting.Status.Err, StringComparison.Ordinal);
        int writes = _world.Writes;
        _world.Advance(300);
        _world.SetLabel("n1", "color", "red");
        Assert.Equal(writes + 1, _world.Writes);

        _world.RemoveService(small);
        _world.RunAgents();
        Assert.Single(_world.Running(big));
    }

    [Fact]
    public void Scheduler_NodesNotReady_TasksWaitForThem()
    {
        _world.AddNode("n1", static n => n.Status.State = NodeState.Unknown);
        string id = _world.CreateService(Specs.Replicated("web", 2));
        Assert.All(_world.Tasks(id), static t => Assert.Equal(TaskState.Pending, t.ObservedState()));
        _world.BringBack("n1");
        Assert.All(_world.Tasks(id), static t => Assert.Equal(TaskState.Assigned, t.ObservedState()));
    }

    [Fact]
    public void Scheduler_PausedNode_TakesNoNewTasks()
    {
        _world.AddNodes(2);
        _world.SetAvailability("n1", Availability.Pause);
        string id = _world.CreateService(Specs.Replicated("web", 2));
        Assert.All(_world.Tasks(id), static t => Assert.Equal("n2", t.NodeId));
    }

    [Fact]
    public void Scheduler_PendingTaskNoLongerWanted_IsShutDown()
    {
        string id = _world.CreateService(Specs.Replicated("web", 1));
        string old = Assert.Single(_world.Tasks(id)).Id;
        _world.UpdateService(id, static s => s.WithImage("web:2"));
        Assert.Equal((TaskState.Shutdown, TaskState.Shutdown), (_world.Get(old).DesiredState, _world.Get(old).ObservedState()));
        Assert.Equal(TaskState.Running, _world.WantedIn(id, 1).DesiredState);
    }

    [Fact]
    public void Scheduler_PreassignedTaskWithoutRoom_WaitsForItsNode()
    {
        _world.AddNodes(2);
        string hog = _world.CreateService(Specs.Replicated("hog", 1, static s => Reserve(s, 4)));
        string node = Assert.Single(_world.Tasks(hog)).NodeId;
        string id = _world.CreateService(Specs.Global("agent", static s => Reserve(s, 1)));
        Api.Task waiting = Assert.Single(_world.Tasks(id), static t => t.ObservedState() == TaskState.Pending);
        Assert.Equal(node, waiting.NodeId);
        Assert.NotEqual("", waiting.Status.Err);
        _world.RemoveService(hog);
        _world.RunAgents();
        Assert.Equal(2, _world.Running(id).Count);
    }

    private static PortConfig HostPort(uint published) =>
        new() { TargetPort = 80, PublishedPort = published, PublishMode = PortConfig.Types.PublishMode.Host };

    private static void Reserve(ServiceSpec spec, int cpus) =>
        spec.Task.Resources = new ResourceRequirements { Reservations = new Resources { NanoCpus = cpus * 1_000_000_000L } };
}
