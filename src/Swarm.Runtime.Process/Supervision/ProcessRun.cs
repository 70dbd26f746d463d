// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Swarm.Api;

namespace Swarm.Runtime.Process;

/// <summary>
/// The processes of one task, whoever drives them: knows from disk what an earlier agent left, watches, and cleans up after the command
/// has ended. Thread-safe; outlives controllers.
/// </summary>
internal sealed class ProcessRun : IDisposable
{
    private static readonly TimeSpan ReportPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan CleanUpPause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly RunServices _services;
    private readonly TaskDirectory _directory;
    private readonly TaskProcesses _processes;
    private readonly TaskPreparation _preparation;
    private readonly PortFile _ports;
    private readonly TaskCompletionSource _prepared = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _letGo = new();
    private RunState _state;
    private TaskRecord? _record;
    private LineLog? _log;
    private TaskOutput? _output;
    private int _exitCode;
    private Task _cleanUp = Task.CompletedTask;

    public ProcessRun(string taskId, RunServices services)
    {
        TaskId = taskId;
        _services = services;
        _directory = new TaskDirectory(services.TasksDirectory, taskId);
        _processes = new TaskProcesses(taskId, _directory, services);
        _preparation = new TaskPreparation(taskId, _directory, _processes, services);
        _ports = new PortFile(_directory.Ports, services.Options.PortsMax);
        TakeUp(FoundTask.Find(taskId, _directory, services.Logger));
    }

    public event EventHandler? StatusChanged;

    public string TaskId { get; }

    /// <summary>The task's log; null before the task is prepared.</summary>
    public LineLog? Log => _log;

    /// <summary>Ends when there is a log, or never will be one.</summary>
    public Task Prepared => _prepared.Task;

    /// <summary>Ends when what goes on behind the scenes has ended; to be awaited after <see cref="Dispose"/>.</summary>
    public Task CleanedUp
    {
        get
        {
            lock (_lock)
            {
                return _cleanUp;
            }
        }
    }

    public PortStatus? PortStatus
    {
        get
        {
            lock (_lock)
            {
                return _ports.Status?.Clone();
            }
        }
    }

    public ContainerStatus? ContainerStatus()
    {
        lock (_lock)
        {
            return _state is RunState.Running or RunState.Ended
                ? new ContainerStatus { Pid = SupervisorReport.Read(_directory.Report).CommandPid ?? 0, ExitCode = _exitCode }
                : null;
        }
    }

    /// <summary>Checks what the task asks for, and makes its directories and files. Leaves nothing behind when it fails.</summary>
    public async Task PrepareAsync(Api.Task task, ITaskDependencies dependencies, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_state != RunState.New)
            {
                throw new TaskControllerException(TaskControllerErrorKind.AlreadyPrepared, $"task {TaskId} has been prepared");
            }
        }

        TaskRecord record = await _preparation.RunAsync(task, dependencies, cancellationToken);
        lock (_lock)
        {
            _record = record;
            _log = new LineLog(_directory.Logs, _services.Options.LogBytesMax);
            _state = RunState.Prepared;
        }

        _prepared.TrySetResult();
    }

    /// <summary>Starts the supervisor, and returns when it has started the command.</summary>
    public async Task StartAsync(Api.Task task, ITaskDependencies dependencies, CancellationToken cancellationToken)
    {
        TaskRecord record;
        lock (_lock)
        {
            if (_state is RunState.Starting or RunState.Running or RunState.Ended)
            {
                throw new TaskControllerException(TaskControllerErrorKind.AlreadyStarted, $"task {TaskId} has been started");
            }

            record = _state == RunState.Prepared ? _record! : throw new TaskControllerException($"task {TaskId} has not been prepared");
            _state = RunState.Starting;
        }

        try
        {
            ProcessPlan plan = ProcessPlanner.Plan(task, _services.Options);
            _preparation.RestoreDependencies(task, dependencies, record, plan);
            SupervisorLauncher.Launch(task, plan, record, _directory, _services.Options, Began);
        }
        finally
        {
            lock (_lock)
            {
                _state = _state == RunState.Starting ? RunState.Prepared : _state;
            }
        }

        long begin = _services.Time.GetTimestamp();
        while (SupervisorReport.Read(_directory.Report).CommandPid is null && !_ended.Task.IsCompleted
            && _services.Time.GetElapsedTime(begin) < _services.Options.KillTimeout)
        {
            await Task.Delay(ReportPause, _services.Time, cancellationToken);
        }
    }

    /// <summary>Waits until nothing of the task runs any more; false when the limit came first.</summary>
    public async Task<bool> WaitEndAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await _ended.Task.WaitAsync(limit, _services.Time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Refuses to wait for a task that was not started; should there be something of it nevertheless, that is ended.</summary>
    public async Task CheckStartedAsync(CancellationToken cancellationToken)
    {
        RunState state = State;
        if (state is RunState.New or RunState.Prepared or RunState.Removed)
        {
            await KillUnknownAsync(cancellationToken);
            throw new TaskControllerException($"task {TaskId} has not been started");
        }
    }

    /// <summary>Throws what the command ended with, unless that was exit code 0.</summary>
    public void ThrowIfFailed()
    {
        const int signalBase = 128;
        int code = _exitCode;
        if (code == 0)
        {
            return;
        }

        throw code switch
        {
            TaskExitException.UnknownExitCode => new TaskExitException(
                code, "task: its exit code is not known: the machine was restarted or its supervisor was killed"),
            > signalBase => new TaskExitException(code, $"task: non-zero exit ({code}, as by {StopSignal.NameOf(code - signalBase)})"),
            _ => new TaskExitException(code),
        };
    }

    /// <summary>Stops the task: by its stop signal and with its grace, or at once. Returns when nothing of it runs.</summary>
    public async Task StopAsync(bool atOnce, CancellationToken cancellationToken)
    {
        await KillUnknownAsync(cancellationToken);
        if (State != RunState.Running)
        {
            return;
        }

        TaskRecord record = _record!;
        if (!atOnce && _processes.SendStopSignal(record) && await WaitEndAsync(record.StopGrace, cancellationToken))
        {
            return;
        }

        TimeSpan limit = _services.Options.KillTimeout;
        await _processes.KillAsync(record, record.SupervisorPid, cancellationToken);
        if (!await WaitEndAsync(limit, cancellationToken))
        {
            throw new TaskControllerException(
                TaskControllerErrorKind.Temporary,
                $"supervisor {record.SupervisorPid} of task {TaskId} does not end although its command has");
        }
    }

    /// <summary>Stops the task at once and removes everything of it.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        await StopAsync(atOnce: true, cancellationToken);
        TaskRecord? record;
        lock (_lock)
        {
            record = _record;
            _state = RunState.Removed;
            _log?.Complete();
        }

        _prepared.TrySetResult();
        _services.Dependencies.Delete(record?.DependencyDirectory ?? _services.Dependencies.DirectoryOf(_directory));
        _directory.Delete();
        if (!TaskProcesses.TryRemoveCgroup(record))
        {
            ProcessLog.CgroupNotRemoved(_services.Logger, TaskId, record?.Cgroup);
        }
    }

    /// <summary>Called by the watcher's thread while the supervisor lives.</summary>
    public void Poll()
    {
        bool changed;
        lock (_lock)
        {
            changed = _output?.Poll(last: false) == true;
        }

        if (changed)
        {
            // Not on the watcher's thread: a handler that takes its time must hold up no other task.
            ThreadPool.QueueUserWorkItem(static run => run.StatusChanged?.Invoke(run, EventArgs.Empty), this, preferLocal: false);
        }
    }

    /// <summary>Called by the watcher's thread when the supervisor has ended.</summary>
    public void OnSupervisorEnded() => BeginCleanUp(_record!.SupervisorPid);

    /// <summary>Lets go of the task, which goes on.</summary>
    public void Dispose()
    {
        _letGo.Cancel();
        lock (_lock)
        {
            _output?.Dispose();
            _output = null;
            _log?.Complete();
        }

        _prepared.TrySetResult();
        if (_ended.TrySetException(new TaskControllerException(TaskControllerErrorKind.Closed, "the executor has let go of its tasks")))
        {
            // Nobody need be waiting for it.
            _ = _ended.Task.Exception;
        }
    }

    private RunState State
    {
        get
        {
            lock (_lock)
            {
                return _state;
            }
        }
    }

    // A directory whose record cannot be read may well have processes: they are known by it.
    private async Task KillUnknownAsync(CancellationToken cancellationToken)
    {
        if (State == RunState.New && Directory.Exists(_directory.Root))
        {
            await _processes.KillAsync(null, 0, cancellationToken);
        }
    }

    // Goes on with what an earlier agent left.
    private void TakeUp(FoundTask found)
    {
        (_state, _record) = (found.State, found.Record);
        if (_state == RunState.New)
        {
            return;
        }

        _log = new LineLog(_directory.Logs, _services.Options.LogBytesMax);
        _prepared.TrySetResult();
        if (_state == RunState.Prepared)
        {
            return;
        }

        try
        {
            _output = new TaskOutput(TaskId, _directory, _log, _ports, _services);
        }
        catch (IOException e)
        {
            ProcessLog.OutputLost(_services.Logger, TaskId, e.Message);
        }

        if (found.Supervisor is not null)
        {
            _services.Watcher.Add(found.Supervisor, this);
        }
        else
        {
            // Its process id may be somebody else's by now: the session of that name proves nothing.
            BeginCleanUp(supervisor: 0);
        }
    }

    private void Began(TaskRecord record, SafeFileHandle supervisor)
    {
        lock (_lock)
        {
            _record = record;
            _output = new TaskOutput(TaskId, _directory, _log!, _ports, _services);
            _state = RunState.Running;
        }

        _services.Watcher.Add(supervisor, this);
    }

    private void BeginCleanUp(int supervisor)
    {
        lock (_lock)
        {
            _cleanUp = Task.Run(() => CleanUpAsync(supervisor));
        }
    }

    // What the command left behind dies with it; then its output is complete.
    private async Task CleanUpAsync(int supervisor)
    {
        TaskRecord record = _record!;
        try
        {
            await _processes.KillForGoodAsync(record, supervisor, CleanUpPause, _letGo.Token);
        }
        catch (OperationCanceledException)
        {
            // The next executor does it again.
            return;
        }

        // Only now its number is given back.
        TaskProcesses.Reap(record);
        lock (_lock)
        {
            if (_letGo.IsCancellationRequested)
            {
                return;
            }

            FinishOutput();
            _state = RunState.Ended;
        }

        _ = TaskProcesses.TryRemoveCgroup(record);
        ForgetDependencies(record);
        _ended.TrySetResult();
        StatusChanged?.Invoke(this, EventArgs.Empty);
    }

    // A task runs once: nobody reads its secrets any more, however long it is remembered, or the agent stays away.
    private void ForgetDependencies(TaskRecord record)
    {
        try
        {
            _services.Dependencies.Delete(record.DependencyDirectory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ProcessLog.SecretsNotRemoved(_services.Logger, TaskId, e.Message);
        }
    }

    private void FinishOutput()
    {
        _exitCode = TaskExitException.UnknownExitCode;
        try
        {
            _exitCode = SupervisorReport.Read(_directory.Report).ExitCode ?? TaskExitException.UnknownExitCode;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ProcessLog.ExitCodeNotRead(_services.Logger, TaskId, e.Message);
        }

        _output?.Poll(last: true);
        _output?.Dispose();
        _output = null;
        _log?.Complete();
    }
}
