// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Runtime;

/// <summary>How an operation on a task ended, as the state machine takes it in.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Kind">How it ended.</param>
/// <param name="Error">One line saying what went wrong; empty when nothing did.</param>
public readonly record struct TaskOutcome(TaskOperation Operation, TaskOutcomeKind Kind, string Error = "")
{
    /// <summary>An operation that did what it should.</summary>
    /// <param name="operation">The operation.</param>
    /// <returns>The outcome.</returns>
    public static TaskOutcome Success(TaskOperation operation) => new(operation, TaskOutcomeKind.Succeeded);

    /// <summary>Reads what a call to a controller ended with. Unknown exceptions count as failures for good.</summary>
    /// <param name="operation">The operation that was called.</param>
    /// <param name="error">What it threw; null when it returned.</param>
    /// <returns>The outcome.</returns>
    public static TaskOutcome From(TaskOperation operation, Exception? error) => error switch
    {
        null => Success(operation),
        OperationCanceledException => new(operation, TaskOutcomeKind.Cancelled, "cancelled"),
        TaskExitException exit => new(operation, TaskOutcomeKind.Exited, exit.Message),
        TaskControllerException { Kind: TaskControllerErrorKind.AlreadyPrepared or TaskControllerErrorKind.AlreadyStarted } =>
            Success(operation),
        TaskControllerException { Kind: TaskControllerErrorKind.Temporary } => new(operation, TaskOutcomeKind.Temporary, error.Message),
        TaskControllerException { Kind: TaskControllerErrorKind.Closed } => new(operation, TaskOutcomeKind.Cancelled, error.Message),
        SwarmException { Code: SwarmErrorCode.Unavailable or SwarmErrorCode.Aborted or SwarmErrorCode.DeadlineExceeded } =>
            new(operation, TaskOutcomeKind.Temporary, error.Message),
        _ => new(operation, TaskOutcomeKind.Failed, error.Message),
    };
}
