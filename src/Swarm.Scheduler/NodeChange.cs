// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>What a change may have made better on a node.</summary>
/// <param name="NodeId">The node; empty if nothing changed.</param>
/// <param name="Aspects">The sides on which it may take more than before.</param>
/// <param name="ServiceId">The service whose task left it, where <see cref="NodeAspects.ServiceTasks"/> is among them; else empty.</param>
public readonly record struct NodeChange(string NodeId, NodeAspects Aspects, string ServiceId)
{
    /// <summary>No change that could help any task.</summary>
    public static NodeChange None { get; } = new("", NodeAspects.None, "");
}
