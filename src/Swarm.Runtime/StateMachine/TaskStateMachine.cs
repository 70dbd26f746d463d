// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Runtime;

/// <summary>
/// The rules by which a node moves a task from state to state: pure functions of the observed state, the desired state, and how the last
/// operation ended.
/// </summary>
/// <remarks>
/// The rules: the observed state never decreases. Progress stops when observed has reached desired (so a task desired READY is prepared
/// and not started), but an operation under way is finished. A desired state above COMPLETE means "stop": the task is shut down, and
/// terminated if that fails. An error before STARTING makes the task REJECTED, one at or after it FAILED. Work that ends with exit code 0
/// is COMPLETE. A task that was asked to stop ends as SHUTDOWN, however its work ended. Temporary and cancelled operations are made
/// again, temporary ones after <see cref="RetryDelay"/>. Use: report <see cref="TaskDecision.State"/> if it differs, wait <see
/// cref="TaskDecision.Delay"/>, do <see cref="TaskDecision.Operation"/>, feed its outcome to <see cref="After"/>; for <see
/// cref="TaskOperation.Advance"/> and whenever the desired state changes (cancelling what is under way first), call <see cref="Next"/>.
/// </remarks>
public static class TaskStateMachine
{
    /// <summary>How long to wait before an operation that failed for now is made again: 1 s.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Says what to do with a task on which nothing is under way.</summary>
    /// <param name="observed">The observed state.</param>
    /// <param name="desired">The desired state.</param>
    /// <returns>The decision. Its message is empty when the state stays the same.</returns>
    public static TaskDecision Next(TaskState observed, TaskState desired)
    {
        if (observed.IsTerminal())
        {
            return Stay(observed, TaskOperation.None);
        }

        if (IsStop(desired))
        {
            return Stay(observed, TaskOperation.Shutdown);
        }

        return observed switch
        {
            // What has begun is brought to its end even if the wish is lower.
            TaskState.Preparing => Stay(observed, TaskOperation.Prepare),
            TaskState.Starting => Stay(observed, TaskOperation.Start),
            TaskState.Running => Stay(observed, TaskOperation.Wait),
            _ when observed >= desired => Stay(observed, TaskOperation.None),
            < TaskState.Accepted => Advance(TaskState.Accepted, "accepted"),
            TaskState.Accepted => Advance(TaskState.Preparing, "preparing"),
            TaskState.Ready => Advance(TaskState.Starting, "starting"),
            _ => Stay(observed, TaskOperation.None),
        };
    }

    /// <summary>Says what follows from the end of an operation.</summary>
    /// <param name="observed">The observed state.</param>
    /// <param name="desired">The desired state now; it may have changed while the operation was under way.</param>
    /// <param name="outcome">How the operation ended.</param>
    /// <returns>The decision.</returns>
    public static TaskDecision After(TaskState observed, TaskState desired, in TaskOutcome outcome)
    {
        if (observed.IsTerminal())
        {
            return Stay(observed, TaskOperation.None);
        }

        return outcome.Operation switch
        {
            TaskOperation.Shutdown or TaskOperation.Terminate => AfterStop(observed, outcome),

            // The work may have ended because it was asked to, or left children behind: shutting down settles both.
            _ when IsStop(desired) => Stay(observed, TaskOperation.Shutdown),
            TaskOperation.None or TaskOperation.Advance => Next(observed, desired),
            _ => AfterProgress(observed, desired, outcome),
        };
    }

    private static TaskDecision AfterProgress(TaskState observed, TaskState desired, in TaskOutcome outcome)
    {
        switch (outcome.Kind)
        {
            case TaskOutcomeKind.Succeeded:
                (TaskState reached, string message) = outcome.Operation switch
                {
                    TaskOperation.Prepare => (TaskState.Ready, "prepared"),
                    TaskOperation.Start => (TaskState.Running, "started"),
                    _ => (TaskState.Complete, "finished"),
                };
                return reached > observed ? Advance(reached, message) : Next(observed, desired);
            case TaskOutcomeKind.Temporary:
                return Next(observed, desired) with { Error = outcome.Error, Delay = RetryDelay };
            case TaskOutcomeKind.Cancelled:
                return Next(observed, desired) with { Delay = RetryDelay };
            default:
                return observed < TaskState.Starting
                    ? new TaskDecision(TaskState.Rejected, "rejected", outcome.Error, TaskOperation.None)
                    : new TaskDecision(TaskState.Failed, "failed", outcome.Error, TaskOperation.None);
        }
    }

    private static TaskDecision AfterStop(TaskState observed, in TaskOutcome outcome) => outcome.Kind switch
    {
        TaskOutcomeKind.Succeeded or TaskOutcomeKind.Exited => new TaskDecision(TaskState.Shutdown, "shutdown", "", TaskOperation.None),
        TaskOutcomeKind.Temporary or TaskOutcomeKind.Cancelled =>
            Stay(observed, outcome.Operation) with { Error = outcome.Error, Delay = RetryDelay },
        _ when outcome.Operation == TaskOperation.Shutdown => Stay(observed, TaskOperation.Terminate) with { Error = outcome.Error },
        _ => new TaskDecision(TaskState.Failed, "could not be stopped", outcome.Error, TaskOperation.None),
    };

    private static bool IsStop(TaskState desired) => desired > TaskState.Complete;

    private static TaskDecision Stay(TaskState state, TaskOperation operation) => new(state, "", "", operation);

    private static TaskDecision Advance(TaskState state, string message) =>
        new(state, message, "", state == TaskState.Complete ? TaskOperation.None : TaskOperation.Advance);
}
