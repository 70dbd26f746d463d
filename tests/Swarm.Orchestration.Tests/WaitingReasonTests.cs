// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Tests.Support;
using Swarm.Scheduler;

namespace Swarm.Orchestration.Tests;

/// <summary>A waiting task says why, for programs, and no longer than it waits.</summary>
public sealed class WaitingReasonTests : IAsyncDisposable
{
    private readonly World _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public void Task_WithoutANodeThatSuits_CarriesTheReasonUntilItIsPlaced()
    {
        _world.AddNodes(2);
        _world.SetAvailability("n2", NodeSpec.Types.Availability.Pause);
        string id = _world.CreateService(Specs.Replicated("web", 1, static s => s.Constrain("node.labels.disk==ssd")));
        _world.Advance(1);
        Assert.Equal("node-not-ready=1,constraint-not-met=1", WaitingReason.Of(_world.WantedIn(id, 1)));

        _world.SetLabel("n1", "disk", "ssd");
        _world.Advance(1);

        Api.Task placed = Assert.Single(_world.Running(id));
        Assert.Equal("", WaitingReason.Of(placed));
        Assert.Null(placed.Annotations);
    }

    [Fact]
    public void Task_InAClusterWithoutNodes_SaysSo()
    {
        string id = _world.CreateService(Specs.Replicated("web", 1));
        _world.Advance(1);
        Assert.Equal(WaitingReason.NoNodes, WaitingReason.Of(_world.WantedIn(id, 1)));
    }

    [Fact]
    public void Task_GivenUpWhileItWaits_LosesTheReason()
    {
        _world.AddNodes(1);
        string id = _world.CreateService(Specs.Replicated("web", 1, static s => s.Constrain("node.labels.disk==ssd")));
        _world.Advance(1);
        string old = _world.WantedIn(id, 1).Id;

        _world.UpdateService(id, static s => s.WithImage("web:2"));
        _world.Advance(1);

        Assert.Equal((TaskState.Shutdown, ""), (_world.Get(old).ObservedState(), WaitingReason.Of(_world.Get(old))));
    }

    [Fact]
    public void Task_ThatNeedsNetworks_SaysSo()
    {
        _world.AddNodes(1);
        string id = _world.CreateService(Specs.Replicated("web", 1, static s => s.Task.Networks.Add(new NetworkAttachmentConfig { Target = "n" })));
        _world.Advance(1);
        Assert.Equal(WaitingReason.Networks, WaitingReason.Of(_world.WantedIn(id, 1)));
    }
}
