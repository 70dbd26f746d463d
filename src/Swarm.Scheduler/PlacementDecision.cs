// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using TaskStatus = Swarm.Api.TaskStatus;

namespace Swarm.Scheduler;

/// <summary>What is decided about one task: the node it goes to, or why there is none. Immutable.</summary>
public sealed class PlacementDecision
{
    private PlacementDecision(Api.Task task, string nodeId, IReadOnlyList<GenericResource> claims, PlacementRefusal? refusal)
    {
        Task = task;
        NodeId = nodeId;
        Claims = claims;
        Refusal = refusal;
    }

    /// <summary>The task, as it was when the decision was made.</summary>
    public Api.Task Task { get; }

    /// <summary>The node; empty if there is none (see <see cref="Refusal"/>).</summary>
    public string NodeId { get; }

    /// <summary>The generic resources of the node that the task is given; names where the node lists names.</summary>
    public IReadOnlyList<GenericResource> Claims { get; }

    /// <summary>Why there is no node; null if there is one.</summary>
    public PlacementRefusal? Refusal { get; }

    /// <summary>
    /// The task with the decision written into it: ASSIGNED to its node with its claims, or still waiting with the reason in
    /// <c>status.err</c>.
    /// </summary>
    /// <param name="now">The time to stamp on the status.</param>
    /// <returns>A copy; <see cref="Task"/> stays as it is.</returns>
    public Api.Task Apply(Timestamp now) => Apply(Task, now);

    /// <summary>As <see cref="Apply(Timestamp)"/>, on a newer version of the task.</summary>
    /// <param name="task">The task as it is stored now.</param>
    /// <param name="now">The time to stamp on the status.</param>
    /// <returns>A copy; <paramref name="task"/> stays as it is.</returns>
    public Api.Task Apply(Api.Task task, Timestamp now)
    {
        ArgumentNullException.ThrowIfNull(task);
        TaskStatus status = task.Status?.ShallowCopy() ?? new TaskStatus();
        status.Timestamp = now;
        status.Err = Refusal?.Text ?? "";
        if (Refusal is not null)
        {
            return WaitingReason.With(task, Refusal.Code).WithStatus(status);
        }

        status.State = TaskState.Assigned;
        status.Message = task.NodeId.Length > 0
            ? "scheduler confirmed task can run on preassigned node"
            : "scheduler assigned task to node";
        task = WaitingReason.With(task, "");
        Api.Task placed = Claims.Count > 0 ? task.WithAssignedGenericResources(Claims) : task.ShallowCopy();
        placed.Status = status;
        placed.NodeId = NodeId;
        return placed;
    }

    internal static PlacementDecision On(Api.Task task, NodeInfo node) =>
        new(task, node.Id, node.ChooseGenericResources(task), null);

    internal static PlacementDecision None(Api.Task task, PlacementRefusal refusal) => new(task, "", [], refusal);
}
