// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Slots;
using Swarm.Orchestration.Work;
using Swarm.Store;

namespace Swarm.Orchestration.Restarts;

/// <summary>
/// Decides whether a task gets a successor and when that one may start. All of it follows from the tasks of the slot:
/// there is no memory to lose when another manager takes the lead.
/// </summary>
internal static class RestartSupervisor
{
    /// <summary>Whether the work of a task came to its end without having been asked to.</summary>
    public static bool EndedByItself(Api.Task task) =>
        task.ObservedState() is TaskState.Complete or TaskState.Failed or TaskState.Rejected;

    /// <summary>
    /// Whether the policy of a task wants a successor for it. A task that has to leave its node counts as failed, but not as
    /// an attempt.
    /// </summary>
    public static bool WantsSuccessor(Api.Task task, SlotTasks slot)
    {
        RestartPolicy? policy = task.Spec?.Restart;
        RestartPolicy.Types.RestartCondition condition = policy?.Condition ?? RestartPolicy.Types.RestartCondition.Any;
        if (condition == RestartPolicy.Types.RestartCondition.None)
        {
            return false;
        }

        if (condition == RestartPolicy.Types.RestartCondition.OnFailure && task.ObservedState() == TaskState.Complete)
        {
            return false;
        }

        return policy is not { MaxAttempts: > 0 } || !EndedByItself(task) || Attempts(task, policy, slot) < policy.MaxAttempts;
    }

    /// <summary>When a successor that waits may start: now or earlier, or when to look again.</summary>
    public static DateTimeOffset StartDue(
        Api.Task waiting, SlotTasks slot, IStoreReader head, DateTimeOffset now, OrchestrationOptions options)
    {
        Api.Task? before = slot.All.LastOrDefault(t => t.Id != waiting.Id);
        bool updated = before is not null && !EndedByItself(before) && !Equals(waiting.SpecVersion, before.SpecVersion);
        DateTimeOffset made = waiting.CreatedAt();
        if (made > now)
        {
            made = now; // Made by a manager whose clock runs ahead: no wait grows by that.
        }

        DateTimeOffset due = made.After(StartDelay(before, waiting.Spec?.Restart, updated, head));
        if (due > now)
        {
            return due;
        }

        bool stopping = slot.All.Any(t => t.DesiredState > TaskState.Running && MayStillRun(t, head));
        return stopping ? made.After(options.OldTaskStopTimeout) : due;
    }

    /// <summary>
    /// What is wanted at first of a task that takes the place of all others in a slot: to get ready while there is something
    /// to wait for, to run where there is not.
    /// </summary>
    public static TaskState FirstDesired(SlotTasks slot, RestartPolicy? policy, bool updated, IStoreReader head) =>
        StartDelay(slot.Newest, policy, updated, head) > TimeSpan.Zero || slot.All.Any(t => MayStillRun(t, head))
            ? TaskState.Ready
            : TaskState.Running;

    private static TimeSpan StartDelay(Api.Task? before, RestartPolicy? policy, bool updated, IStoreReader head)
    {
        // Leaving a node that is drained or stops is no failure, and neither is giving way to a new spec.
        bool leaves = before is { NodeId.Length: > 0 } && !EndedByItself(before)
            && head.Get<Node>(before.NodeId) is { } node && NodeRules.IsEmptied(node);
        TimeSpan delay = leaves || updated ? TimeSpan.Zero : (policy?.Delay).OrDefault(SwarmDefaults.RestartDelay);
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay;
    }

    // Tasks that no agent has yet cannot run; those on a node that is down or gone are not waited for.
    private static bool MayStillRun(Api.Task task, IStoreReader head) =>
        task.ObservedState() is >= TaskState.Assigned and <= TaskState.Running
        && task.NodeId.Length > 0
        && head.Get<Node>(task.NodeId) is { } node
        && !NodeRules.IsDown(node);

    // Earlier tasks of the same spec that ended by themselves, back to the start of the window. Time spent waiting for
    // the delay is taken out: otherwise a window shorter than the delay would allow attempts without end.
    private static ulong Attempts(Api.Task task, RestartPolicy policy, SlotTasks slot)
    {
        TimeSpan window = policy.Window.OrDefault(TimeSpan.Zero);
        TimeSpan delay = policy.Delay.OrDefault(SwarmDefaults.RestartDelay);
        TimeSpan passed = TimeSpan.Zero;
        DateTimeOffset later = task.StatusAt();
        ulong attempts = 0;
        foreach (Api.Task earlier in slot.All.Reverse())
        {
            if (earlier.Id == task.Id || !EndedByItself(earlier) || !Equals(earlier.SpecVersion, task.SpecVersion)
                || SlotTasks.ByAge(earlier, task) > 0)
            {
                continue;
            }

            TimeSpan gap = later - earlier.StatusAt() - delay;
            passed += gap > TimeSpan.Zero ? gap : TimeSpan.Zero;
            if (window > TimeSpan.Zero && passed > window)
            {
                break;
            }

            later = earlier.StatusAt();
            attempts++;
        }

        return attempts;
    }
}
