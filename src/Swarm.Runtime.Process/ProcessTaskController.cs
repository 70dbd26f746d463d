// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using Swarm.Api;

namespace Swarm.Runtime.Process;

/// <summary>Drives the processes of one task.</summary>
internal sealed class ProcessTaskController(Api.Task task, ITaskDependencies dependencies, ProcessExecutor executor)
    : ITaskController, ITaskLogSource, IContainerStatusSource, IPortStatusSource, ITaskStatusNotifier
{
    private Api.Task _task = task;
    private ProcessRun? _run;
    private bool _closed;
    private EventHandler? _statusChanged;

    public event EventHandler? StatusChanged
    {
        add => _statusChanged += value;
        remove => _statusChanged -= value;
    }

    public Task UpdateAsync(Api.Task task, CancellationToken cancellationToken = default) => CallAsync(_ =>
    {
        _task = task;
        return Task.CompletedTask;
    });

    public Task PrepareAsync(CancellationToken cancellationToken = default) =>
        CallAsync(run => run.PrepareAsync(_task, dependencies, cancellationToken));

    public Task StartAsync(CancellationToken cancellationToken = default) =>
        CallAsync(run => run.StartAsync(_task, dependencies, cancellationToken));

    public Task WaitAsync(CancellationToken cancellationToken = default) => CallAsync(async run =>
    {
        await run.CheckStartedAsync(cancellationToken);
        await run.WaitEndAsync(Timeout.InfiniteTimeSpan, cancellationToken);
        run.ThrowIfFailed();
    });

    public Task ShutdownAsync(CancellationToken cancellationToken = default) =>
        CallAsync(run => run.StopAsync(atOnce: false, cancellationToken));

    public Task TerminateAsync(CancellationToken cancellationToken = default) =>
        CallAsync(run => run.StopAsync(atOnce: true, cancellationToken));

    public Task RemoveAsync(CancellationToken cancellationToken = default) => CallAsync(async run =>
    {
        await run.RemoveAsync(cancellationToken);
        executor.Forget(run);
    });

    public async IAsyncEnumerable<TaskLogLine> ReadLogsAsync(
        LogSubscriptionOptions options, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ProcessRun run = Run();
        if (options.Follow)
        {
            await run.Prepared.WaitAsync(cancellationToken);
        }

        if (run.Log is { } log)
        {
            await foreach (TaskLogLine line in log.ReadAsync(options, cancellationToken))
            {
                yield return line;
            }
        }
    }

    public Task<ContainerStatus?> GetContainerStatusAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(Run().ContainerStatus());

    public Task<PortStatus?> GetPortStatusAsync(CancellationToken cancellationToken = default) => Task.FromResult(Run().PortStatus);

    public ValueTask DisposeAsync()
    {
        _closed = true;
        if (_run is not null)
        {
            _run.StatusChanged -= OnStatusChanged;
        }

        return ValueTask.CompletedTask;
    }

    private void OnStatusChanged(object? sender, EventArgs e) => _statusChanged?.Invoke(this, e);

    private ProcessRun Run()
    {
        if (_closed)
        {
            throw new TaskControllerException(TaskControllerErrorKind.Closed, $"the controller of task {_task.Id} is closed");
        }

        if (_run is null)
        {
            _run = executor.FindRun(_task.Id);
            _run.StatusChanged += OnStatusChanged;
        }

        return _run;
    }

    private async Task CallAsync(Func<ProcessRun, Task> call)
    {
        try
        {
            await call(Run());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TaskControllerException($"task {_task.Id}: {e.Message}", e);
        }
    }
}
