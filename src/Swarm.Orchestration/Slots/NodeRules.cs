// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Orchestration.Slots;

/// <summary>What the state of a node means for the tasks on it.</summary>
internal static class NodeRules
{
    /// <summary>Whether tasks must leave: the node is gone, down, drained, or about to leave.</summary>
    public static bool IsInvalid(Node? node) => node is null || IsDown(node) || IsEmptied(node);

    /// <summary>Whether the node gives its tasks up in good order: it is drained, or its host is stopping.</summary>
    public static bool IsEmptied(Node node) => IsDrained(node) || node.IsLeaving();

    /// <summary>Whether the node is known not to answer.</summary>
    public static bool IsDown(Node node) => node.Status?.State == NodeStatus.Types.State.Down;

    /// <summary>Whether an operator emptied the node.</summary>
    public static bool IsDrained(Node node) => node.Spec?.Availability == NodeSpec.Types.Availability.Drain;

    /// <summary>Whether the node takes new tasks.</summary>
    public static bool IsOpen(Node node) =>
        node.Status?.State == NodeStatus.Types.State.Ready
        && (node.Spec?.Availability ?? NodeSpec.Types.Availability.Active) == NodeSpec.Types.Availability.Active;

    /// <summary>Whether a change of a node may matter to tasks that are there or could be.</summary>
    public static bool Matters(Node? before, Node? after) =>
        before is null || after is null
        || before.Status?.State != after.Status?.State
        || before.IsLeaving() != after.IsLeaving()
        || before.Status?.Addr != after.Status?.Addr
        || before.Role != after.Role
        || !Equals(before.Spec, after.Spec)
        || !Equals(before.Description, after.Description);
}
