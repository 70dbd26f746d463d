// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Api.Ext;

namespace Swarm.Runtime;

/// <summary>Drives the work of one task inside the host program.</summary>
internal sealed class InProcessTaskController(
    InProcessExecutor executor, Api.Task task, ITaskDependencies dependencies, InProcessRun run)
    : ITaskController, ITaskLogSource, IContainerStatusSource, IPortStatusSource, ITaskStatusNotifier
{
    private Api.Task _task = task;
    private bool _closed;

    public event EventHandler? StatusChanged
    {
        add => run.StatusChanged += value;
        remove => run.StatusChanged -= value;
    }

    public Task UpdateAsync(Api.Task task, CancellationToken cancellationToken = default) => Call(() => _task = task);

    public Task PrepareAsync(CancellationToken cancellationToken = default) => Call(() =>
    {
        if (run.Prepared)
        {
            throw new TaskControllerException(TaskControllerErrorKind.AlreadyPrepared, $"task {_task.Id} has been prepared");
        }

        Find(InProcessPayload.Read(_task));
        // Counting looks each of them up, and throws for one that is not here yet.
        _ = TaskReferences.Secrets(_task, dependencies).Count() + TaskReferences.Configs(_task, dependencies).Count();
        run.MarkPrepared();
    });

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        InProcessSpec spec = InProcessPayload.Read(_task);
        InProcessWork work = Find(spec);
        var context = new InProcessTaskContext(_task, spec, run, dependencies, executor.Time);
        bool isNew = !run.Started && run.TryStart(executor.CreateMailbox(_task.Id), stop => executor.RunAsync(work, context, stop));
        if (work.RunningWhenHealthy)
        {
            // Who starts it a second time, after giving the first up, waits for the same.
            await run.WaitHealthyAsync(cancellationToken);
        }

        if (!isNew)
        {
            throw new TaskControllerException(TaskControllerErrorKind.AlreadyStarted, $"task {_task.Id} has been started");
        }
    }

    public async Task WaitAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        if (!run.Started)
        {
            throw new TaskControllerException($"task {_task.Id} has not been started");
        }

        await run.WaitEndAsync(null, cancellationToken);
        run.ThrowIfFailed();
    }

    public async Task ShutdownAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        run.RequestStop();
        if (!await run.WaitEndAsync(run.Grace, cancellationToken))
        {
            throw new TaskControllerException(
                $"the work did not end within {run.Grace.TotalSeconds:0.###} s of being asked to, "
                + "and code inside the host process cannot be killed");
        }
    }

    public Task TerminateAsync(CancellationToken cancellationToken = default) => ShutdownAsync(cancellationToken);

    public async Task RemoveAsync(CancellationToken cancellationToken = default)
    {
        await ShutdownAsync(cancellationToken);
        executor.Forget(_task.Id, run);
    }

    public IAsyncEnumerable<TaskLogLine> ReadLogsAsync(LogSubscriptionOptions options, CancellationToken cancellationToken = default) =>
        run.Log.ReadAsync(options, cancellationToken);

    public Task<ContainerStatus?> GetContainerStatusAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(run.ContainerStatus());

    public Task<PortStatus?> GetPortStatusAsync(CancellationToken cancellationToken = default) => Task.FromResult(run.PortStatus());

    public ValueTask DisposeAsync()
    {
        _closed = true;
        return ValueTask.CompletedTask;
    }

    private InProcessWork Find(InProcessSpec spec) => executor.Find(spec.Name)
        ?? throw new TaskControllerException($"no work named '{spec.Name}' is registered in the program that runs this node");

    private Task Call(Action work)
    {
        try
        {
            ThrowIfClosed();
            work();
            return Task.CompletedTask;
        }
        catch (TaskControllerException e)
        {
            return Task.FromException(e);
        }
    }

    private void ThrowIfClosed()
    {
        if (_closed)
        {
            throw new TaskControllerException(TaskControllerErrorKind.Closed, $"the controller of task {_task.Id} is closed");
        }
    }
}
