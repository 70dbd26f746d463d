// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Scheduler.Tests;

/// <summary>A waiting task is tried again only for a change on the side that it waits for, so each must be told as what it is.</summary>
public sealed class NodeDifferenceTests
{
    public static TheoryData<string, NodeAspects, Action<Node>> Changes => new()
    {
        { "state", NodeAspects.Readiness, n => n.Status.State = NodeStatus.Types.State.Down },
        { "availability", NodeAspects.Readiness, n => n.Spec.Availability = NodeSpec.Types.Availability.Pause },
        { "cpus", NodeAspects.Capacity, n => n.Description.Resources.NanoCpus++ },
        { "memory", NodeAspects.Capacity, n => n.Description.Resources.MemoryBytes-- },
        { "generic", NodeAspects.Capacity, n => n.Description.Resources.Generic.Add(Make.Named("gpu", "u1")) },
        { "plugins", NodeAspects.Plugins, n => n.Description.Engine.Plugins.Add(new PluginDescription { Type = "Log", Name = "x" }) },
        { "role", NodeAspects.Attributes, n => n.Role = NodeRole.Manager },
        { "address", NodeAspects.Attributes, n => n.Status.Addr = "10.0.0.2" },
        { "hostname", NodeAspects.Attributes, n => n.Description.Hostname = "other" },
        { "platform", NodeAspects.Attributes, n => n.Description.Platform.Os = "windows" },
        { "node label", NodeAspects.Attributes, n => n.Spec.Annotations.Labels["zone"] = "a" },
        { "engine label", NodeAspects.Attributes, n => n.Description.Engine.Labels["zone"] = "a" },
        { "engine version", NodeAspects.None, n => n.Description.Engine.EngineVersion = "2" },
        { "message", NodeAspects.None, n => n.Status.Message = "hello" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void AddOrUpdateNode_OneThingChanged_TellsOnWhichSide(string what, NodeAspects expected, Action<Node> change)
    {
        Node node = Make.Node("a");
        NodeSet set = Make.Nodes(node);
        Node changed = node.Clone();
        change(changed);

        Assert.True(expected == set.AddOrUpdateNode(changed).Aspects, what);
        Assert.Equal(expected, set.AddOrUpdateNode(node).Aspects);
    }
}
