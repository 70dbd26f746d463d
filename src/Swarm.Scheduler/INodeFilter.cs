// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>
/// One reason why a task may not run on a node. A filter is told the task first and then asked about nodes one by one; it
/// decides from the task and the node alone. Not thread-safe: a filter belongs to one placer.
/// </summary>
public interface INodeFilter
{
    /// <summary>A short name, for logs and metrics.</summary>
    string Name { get; }

    /// <summary>The reason given, for programs, when the filter refuses nodes.</summary>
    PlacementReason Reason { get; }

    /// <summary>What has to change on a node before the filter can think better of it.</summary>
    NodeAspects DependsOn { get; }

    /// <summary>Sets the task that the following checks are about.</summary>
    /// <param name="task">The task.</param>
    /// <returns>False if the filter has nothing to say about this task; it is then not asked.</returns>
    bool SetTask(Api.Task task);

    /// <summary>Whether the task may run on a node.</summary>
    /// <param name="node">The node with what it has left.</param>
    /// <returns>True if nothing speaks against it.</returns>
    bool Check(NodeInfo node);

    /// <summary>The reason in words.</summary>
    /// <param name="nodes">How many nodes the filter refused; at least 1.</param>
    /// <returns>A phrase such as "insufficient resources on 3 nodes".</returns>
    string Explain(int nodes);
}
