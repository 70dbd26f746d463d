// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Restarts;
using Swarm.Orchestration.Updates;
using Swarm.Orchestration.Work;
using Swarm.Store;

namespace Swarm.Orchestration.Slots;

/// <summary>
/// Decides what a slot needs next: a successor for a task that ended or must leave its node, the start of a successor
/// that waited, the end of a task too many. A pure function of the store and the time.
/// </summary>
internal static class SlotPlanner
{
    /// <summary>Looks at a slot.</summary>
    /// <param name="service">The service of the slot.</param>
    /// <param name="key">The slot.</param>
    /// <param name="slot">The tasks of the slot.</param>
    /// <param name="mayReplace">Whether tasks may be made here.</param>
    /// <param name="head">The state.</param>
    /// <param name="now">The time.</param>
    /// <param name="options">The limits of waiting.</param>
    /// <returns>What to do.</returns>
    public static SlotStep Plan(
        Service service, SlotKey key, SlotTasks slot, bool mayReplace, IStoreReader head, DateTimeOffset now, OrchestrationOptions options)
    {
        if (slot.Runnable.Count == 0)
        {
            return PlanResting(slot);
        }

        List<Api.Task> extras = [.. slot.Runnable];
        Api.Task main = Choose(service, slot, head);
        extras.Remove(main);
        if (KeepWhileStarting(service, slot, main, head) is { } kept)
        {
            extras.Remove(kept);
        }

        var info = new SlotInfo(SlotStanding.Live, main.NodeId, main.ObservedState() == TaskState.Running);
        if (extras.Count > 0)
        {
            return new SlotStep(info, main, tx => tx.Want(extras[0].Id, TaskState.Shutdown), null);
        }

        if (main.ObservedState().IsTerminal() || MustLeave(main, head))
        {
            return PlanSuccessor(service, key, slot, main, mayReplace, head, info);
        }

        if (main.DesiredState >= TaskState.Running)
        {
            return new SlotStep(info, main, null, null);
        }

        DateTimeOffset due = RestartSupervisor.StartDue(main, slot, head, now, options);
        return due <= now
            ? new SlotStep(info, main, tx => tx.Want(main.Id, TaskState.Running), null)
            : new SlotStep(info, main, null, due);
    }

    /// <summary>Whether a task has to leave the node it was given.</summary>
    public static bool MustLeave(Api.Task task, IStoreReader head) =>
        task.NodeId.Length > 0 && NodeRules.IsInvalid(head.Get<Node>(task.NodeId));

    private static SlotStep PlanResting(SlotTasks slot)
    {
        if (slot.Newest is not { } newest || RestartSupervisor.WantsSuccessor(newest, slot))
        {
            return SlotStep.Nothing;
        }

        return new SlotStep(new SlotInfo(SlotStanding.Settled, newest.NodeId, false), newest, null, null);
    }

    private static SlotStep PlanSuccessor(
        Service service, SlotKey key, SlotTasks slot, Api.Task main, bool mayReplace, IStoreReader head, SlotInfo info)
    {
        if (!mayReplace || !RestartSupervisor.WantsSuccessor(main, slot))
        {
            return new SlotStep(info, main, tx => tx.Want(main.Id, TaskState.Shutdown), null);
        }

        // With start-first, another task of the slot may still serve: it is no reason to wait, and it is not touched.
        TaskState desired = RestartSupervisor.FirstDesired(slot, service.Spec?.Task?.Restart, updated: false, head);
        return new SlotStep(info, main, Replace, null);

        void Replace(IStoreTransaction tx)
        {
            tx.Want(main.Id, TaskState.Shutdown);
            tx.CreateTask(service.Id, key, desired);
        }
    }

    // The task that stands for the slot: one that follows the spec before one that does not, one that runs before one
    // that does not, a younger one before an older one.
    private static Api.Task Choose(Service service, SlotTasks slot, IStoreReader head)
    {
        Api.Task best = slot.Runnable[^1];
        if (slot.Runnable.Count == 1)
        {
            return best;
        }

        int bestRank = Rank(best);
        foreach (Api.Task task in slot.Runnable.Reverse())
        {
            int rank = Rank(task);
            if (rank > bestRank)
            {
                (best, bestRank) = (task, rank);
            }
        }

        return best;

        int Rank(Api.Task task)
        {
            Node? node = task.NodeId.Length > 0 ? head.Get<Node>(task.NodeId) : null;
            return (TaskDirtiness.IsDirty(task, service, node) ? 0 : 2) + (task.ObservedState() == TaskState.Running ? 1 : 0);
        }
    }

    // An update that starts first keeps the old task while the new one is not yet running.
    private static Api.Task? KeepWhileStarting(Service service, SlotTasks slot, Api.Task main, IStoreReader head)
    {
        if (slot.Runnable.Count < 2 || main.ObservedState() == TaskState.Running || !UpdateRules.Of(service).StartFirst)
        {
            return null;
        }

        return slot.Runnable.LastOrDefault(
            t => t.Id != main.Id && t.ObservedState() == TaskState.Running && !MustLeave(t, head));
    }
}
