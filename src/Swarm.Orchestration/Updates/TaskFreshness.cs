// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Orchestration.Updates;

namespace Swarm.Orchestration;

/// <summary>Whether tasks follow the spec of their service. Pure and thread-safe.</summary>
public static class TaskFreshness
{
    /// <summary>
    /// Whether an update would leave the task as it is: it was made from the present spec, or from an older one that asks for the
    /// same work (a service that was only scaled keeps its tasks).
    /// </summary>
    /// <param name="task">The task.</param>
    /// <param name="service">Its service.</param>
    /// <param name="node">Its node; null if it has none (any more).</param>
    /// <returns>True if it follows the spec.</returns>
    public static bool IsUpToDate(Api.Task task, Service service, Node? node)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(service);
        return !TaskDirtiness.IsDirty(task, service, node);
    }
}
