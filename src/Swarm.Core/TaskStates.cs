// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Core;

/// <summary>The order of task states and the one definition of "active" that scheduler, enforcers and node views share.</summary>
public static class TaskStates
{
    /// <summary>Whether the work of a task is over for good: it completed, stopped, failed, was refused or was lost.</summary>
    /// <param name="state">An observed state.</param>
    /// <returns>True past <see cref="TaskState.Running"/>.</returns>
    public static bool IsTerminal(this TaskState state) => state > TaskState.Running;

    /// <summary>
    /// Whether a task uses what it was given (node, resources, ports): it is wanted (desired state at most
    /// <see cref="TaskState.Complete"/>) or not yet stopped, and its work is not over.
    /// </summary>
    /// <param name="task">The task.</param>
    /// <returns>True while it holds its claims.</returns>
    public static bool HoldsClaims(this Api.Task task) => !task.ObservedState().IsTerminal();

    /// <summary>
    /// Whether a task counts as one of its service's or node's copies: wanted (desired state at most
    /// <see cref="TaskState.Complete"/>) and its work is not over. A finished job's task is not active.
    /// </summary>
    /// <param name="task">The task.</param>
    /// <returns>True for an active task.</returns>
    public static bool IsActive(this Api.Task task) =>
        task.DesiredState <= TaskState.Complete && !task.ObservedState().IsTerminal();

    /// <summary>The observed state of a task; <see cref="TaskState.New"/> where none was ever set.</summary>
    /// <param name="task">The task.</param>
    /// <returns>The state.</returns>
    public static TaskState ObservedState(this Api.Task task) => task.Status?.State ?? TaskState.New;
}
