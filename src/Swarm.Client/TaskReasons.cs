// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Client;

/// <summary>Why a task waits or ended, in words.</summary>
public static class TaskReasons
{
    // What managers write while all goes its usual way.
    private static readonly HashSet<string> _routine = new(StringComparer.Ordinal)
    {
        "", "created", "pending task scheduling", "scheduler assigned task to node",
    };

    /// <summary>The reason that a task's status gives.</summary>
    /// <param name="task">The task.</param>
    /// <returns>Its error; for a task without a node, else, a message out of the usual; empty where there is nothing to say.</returns>
    public static string Of(Api.Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (task.Status is not { } status)
        {
            return "";
        }

        if (status.Err.Length > 0)
        {
            return status.Err;
        }

        bool waits = task.ObservedState() < TaskState.Assigned && task.DesiredState <= TaskState.Complete;
        return waits && !_routine.Contains(status.Message) ? status.Message : "";
    }
}
