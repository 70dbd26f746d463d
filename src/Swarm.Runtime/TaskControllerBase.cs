// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime;

/// <summary>
/// What most controllers have in common: once closed every call says so, also one that is under way; terminate is shutdown; an update has
/// nothing to follow; errors of files and of access are the task's. What is left to write is what the calls do.
/// </summary>
public abstract class TaskControllerBase : ITaskController
{
    private readonly CancellationTokenSource _closed = new();
    private readonly CancellationToken _whenClosed;
    private int _disposed;

    /// <summary>Makes a controller.</summary>
    /// <param name="task">The task; frozen.</param>
    protected TaskControllerBase(Api.Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        Definition = task;
        _whenClosed = _closed.Token;
    }

    /// <summary>The task as it was last defined; frozen.</summary>
    protected Api.Task Definition { get; private set; }

    /// <inheritdoc/>
    public Task UpdateAsync(Api.Task task, CancellationToken cancellationToken = default) => CallAsync(
        stop =>
        {
            Definition = task;
            return OnUpdateAsync(stop);
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task PrepareAsync(CancellationToken cancellationToken = default) => CallAsync(OnPrepareAsync, cancellationToken);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken = default) => CallAsync(OnStartAsync, cancellationToken);

    /// <inheritdoc/>
    public Task WaitAsync(CancellationToken cancellationToken = default) => CallAsync(OnWaitAsync, cancellationToken);

    /// <inheritdoc/>
    public Task ShutdownAsync(CancellationToken cancellationToken = default) => CallAsync(OnShutdownAsync, cancellationToken);

    /// <inheritdoc/>
    public Task TerminateAsync(CancellationToken cancellationToken = default) => CallAsync(OnTerminateAsync, cancellationToken);

    /// <inheritdoc/>
    public Task RemoveAsync(CancellationToken cancellationToken = default) => CallAsync(OnRemoveAsync, cancellationToken);

    /// <summary>Closes the controller: lets go of the task, which goes on. Calls under way end as closed.</summary>
    /// <returns>Ends when it is closed.</returns>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _closed.Cancel();
            _closed.Dispose();
        }

        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Follows a change of <see cref="Definition"/>; nothing unless overridden.</summary>
    /// <param name="stop">Ends the call: its caller gave it up, or the controller was closed.</param>
    /// <returns>A task that ends when the change has been taken over.</returns>
    protected virtual Task OnUpdateAsync(CancellationToken stop) => Task.CompletedTask;

    /// <summary>Gets everything ready; see <see cref="ITaskController.PrepareAsync"/>. Says so if that was done before.</summary>
    /// <param name="stop">Ends the call: its caller gave it up, or the controller was closed.</param>
    /// <returns>A task that ends when the task is ready.</returns>
    protected abstract Task OnPrepareAsync(CancellationToken stop);

    /// <summary>Starts the task; see <see cref="ITaskController.StartAsync"/>. Says so if that was done before.</summary>
    /// <param name="stop">Ends the call: its caller gave it up, or the controller was closed.</param>
    /// <returns>A task that ends when the task runs.</returns>
    protected abstract Task OnStartAsync(CancellationToken stop);

    /// <summary>Waits until the task ends; see <see cref="ITaskController.WaitAsync"/>.</summary>
    /// <param name="stop">Ends the call: its caller gave it up, or the controller was closed.</param>
    /// <returns>A task that ends when the work has ended with exit code 0.</returns>
    protected abstract Task OnWaitAsync(CancellationToken stop);

    /// <summary>Stops the task, with grace; see <see cref="ITaskController.ShutdownAsync"/>.</summary>
    /// <param name="stop">Ends the call: its caller gave it up, or the controller was closed.</param>
    /// <returns>A task that ends when nothing of the task runs.</returns>
    protected abstract Task OnShutdownAsync(CancellationToken stop);

    /// <summary>Stops the task at once; as <see cref="OnShutdownAsync"/> unless overridden.</summary>
    /// <param name="stop">Ends the call: its caller gave it up, or the controller was closed.</param>
    /// <returns>A task that ends when nothing of the task runs.</returns>
    protected virtual Task OnTerminateAsync(CancellationToken stop) => OnShutdownAsync(stop);

    /// <summary>Removes all that is left of the task; see <see cref="ITaskController.RemoveAsync"/>.</summary>
    /// <param name="stop">Ends the call: its caller gave it up, or the controller was closed.</param>
    /// <returns>A task that ends when nothing is left.</returns>
    protected abstract Task OnRemoveAsync(CancellationToken stop);

    private bool IsClosed => Volatile.Read(ref _disposed) != 0;

    private async Task CallAsync(Func<CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        if (IsClosed)
        {
            throw Closed();
        }

        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _whenClosed);
        try
        {
            both.Token.ThrowIfCancellationRequested();
            await call(both.Token);
        }
        catch (OperationCanceledException) when (IsClosed && !cancellationToken.IsCancellationRequested)
        {
            throw Closed();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TaskControllerException($"task {Definition.Id}: {e.Message}", e);
        }
    }

    private TaskControllerException Closed() =>
        new(TaskControllerErrorKind.Closed, $"the controller of task {Definition.Id} is closed");
}
