// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Scheduler;

/// <summary>
/// Why a task waits, for programs: a label of ours on the task, next to the sentence for people in its status. It is there only
/// while the task waits. The wire knows no field for it, and members that know nothing of it keep it. Pure and thread-safe.
/// </summary>
public static class WaitingReason
{
    /// <summary>The label. Its value is a reason, or several with commas, the most frequent first: <c>REASON=NODES</c>.</summary>
    public const string Label = SwarmDefaults.WaitingLabel;

    /// <summary>The value where the cluster has no node at all.</summary>
    public const string NoNodes = "no-nodes";

    /// <summary>The value of a task that waits for networks.</summary>
    public const string Networks = "networks";

    /// <summary>The task with the reason why it waits.</summary>
    /// <param name="task">The task.</param>
    /// <param name="reason">The value of the label; empty takes it away.</param>
    /// <returns>A copy; the task itself if nothing changes.</returns>
    public static Api.Task With(Api.Task task, string reason)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(reason);
        if (Of(task) == reason)
        {
            return task;
        }

        Annotations before = task.Annotations ?? new Annotations();
        var labels = before.Labels.Where(static l => l.Key != Label).ToList();
        if (reason.Length > 0)
        {
            labels.Add(new(Label, reason));
        }

        Annotations after = before.WithLabels(labels);
        return task.WithAnnotations(after.CalculateSize() == 0 ? null : after);
    }

    /// <summary>The reason why a task waits.</summary>
    /// <param name="task">The task.</param>
    /// <returns>The value of the label; empty if it does not wait.</returns>
    public static string Of(Api.Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return task.Annotations?.Labels.TryGetValue(Label, out string? reason) == true ? reason : "";
    }

    /// <summary>The value of the label for a reason, without the count: <c>insufficient-resources</c> and the like.</summary>
    internal static string Word(PlacementReason reason) => reason switch
    {
        PlacementReason.NodeNotReady => "node-not-ready",
        PlacementReason.InsufficientResources => "insufficient-resources",
        PlacementReason.MissingPlugin => "missing-plugin",
        PlacementReason.ConstraintNotMet => "constraint-not-met",
        PlacementReason.UnsupportedPlatform => "unsupported-platform",
        PlacementReason.HostPortInUse => "host-port-in-use",
        PlacementReason.MaxReplicasReached => "max-replicas-reached",
        _ => "other",
    };
}
