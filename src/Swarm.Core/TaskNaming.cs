// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Core;

/// <summary>The names of tasks, as operators see them.</summary>
public static class TaskNaming
{
    /// <summary>
    /// The name of a task: its own if it has one, else SERVICE.SLOT.TASKID, or SERVICE.NODEID.TASKID for a task of a
    /// global service (slot 0).
    /// </summary>
    /// <param name="task">The task.</param>
    /// <returns>The name.</returns>
    public static string Name(Api.Task task)
    {
        if (task.Annotations is { Name.Length: > 0 } own)
        {
            return own.Name;
        }

        string service = task.ServiceAnnotations?.Name ?? "";
        return task.Slot != 0 ? $"{service}.{task.Slot}.{task.Id}" : $"{service}.{task.NodeId}.{task.Id}";
    }
}
