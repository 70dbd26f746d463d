// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Core;

/// <summary>
/// How the state says that a node is about to leave: it is DISCONNECTED, so that nothing new is placed there, with a message of its own. The
/// contracts have no other place for it that every reader of the state keeps.
/// </summary>
public static class NodeDeparture
{
    /// <summary>The feature of a manager that takes announcements (<c>swarm.ext.v1.Departure</c>).</summary>
    public const string Feature = "departure";

    /// <summary>The status message of a node whose host is stopping, and of one that has stopped.</summary>
    public const string Message = "the host is stopping";

    /// <summary>Whether a node has announced that it leaves and still ends its tasks.</summary>
    /// <param name="node">The node.</param>
    /// <returns>True from its announcement to the end of its session.</returns>
    public static bool IsLeaving(this Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Status is { State: NodeStatus.Types.State.Disconnected, Message: Message };
    }
}
