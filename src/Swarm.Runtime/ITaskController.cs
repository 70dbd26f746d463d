// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime;

/// <summary>
/// Drives one task through its life by eight calls: update, prepare, start, wait, shutdown, terminate, remove, and close
/// (<see cref="IAsyncDisposable.DisposeAsync"/>). <see cref="TaskStateMachine"/> says which comes when.
/// </summary>
/// <remarks>
/// Each call may be repeated, also by a controller made anew over the same task after a crash: preparing what is prepared, or starting
/// what has been started, is refused with <see cref="TaskControllerErrorKind.AlreadyPrepared"/> or <see
/// cref="TaskControllerErrorKind.AlreadyStarted"/>, which callers take as success. A caller has one of prepare, start, wait, shutdown,
/// terminate and remove under way at a time, except that shutdown and terminate may be called while wait is pending; wait then ends as
/// the task does. Errors: <see cref="TaskControllerException"/>, <see cref="TaskExitException"/>, <see
/// cref="Swarm.Core.SwarmException"/>; after close every call gives <see cref="TaskControllerErrorKind.Closed"/>. A controller may also
/// implement <see cref="ITaskLogSource"/>, <see cref="IContainerStatusSource"/>, <see cref="IPortStatusSource"/> and <see
/// cref="ITaskStatusNotifier"/>.
/// </remarks>
public interface ITaskController : IAsyncDisposable
{
    /// <summary>
    /// Takes over a changed definition of the task. Managers change only what a running task can follow (network attachments, labels).
    /// </summary>
    /// <param name="task">The task as it is now; frozen.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when the change has been taken over.</returns>
    Task UpdateAsync(Api.Task task, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gets everything ready so that the task can start at once: checks the specification, makes directories, fetches images.
    /// </summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when the task is ready.</returns>
    Task PrepareAsync(CancellationToken cancellationToken = default);

    /// <summary>Starts the task and returns once it runs.</summary>
    /// <param name="cancellationToken">Ends the call; the task may or may not have been started.</param>
    /// <returns>A task that ends when the task runs.</returns>
    Task StartAsync(CancellationToken cancellationToken = default);

    /// <summary>Waits until the task ends by itself or is stopped.</summary>
    /// <param name="cancellationToken">Ends the wait, not the task.</param>
    /// <returns>A task that ends when the work has ended with exit code 0.</returns>
    /// <exception cref="TaskExitException">The work ended otherwise.</exception>
    Task WaitAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Asks the task to stop, and forces it to once its grace period (10 s unless the specification says otherwise) is over. Returns when
    /// nothing of the task runs any more. Fine for a task that never started or has ended.
    /// </summary>
    /// <param name="cancellationToken">Ends the call; the task may still be stopping.</param>
    /// <returns>A task that ends when nothing of the task runs.</returns>
    Task ShutdownAsync(CancellationToken cancellationToken = default);

    /// <summary>Stops the task at once, without grace. Returns when nothing of the task runs any more.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when nothing of the task runs.</returns>
    Task TerminateAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Removes everything that is left of the task, its logs too; stops it first if it still runs. Nothing but close may follow.
    /// </summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when nothing is left.</returns>
    Task RemoveAsync(CancellationToken cancellationToken = default);
}
