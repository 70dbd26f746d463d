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
    private readonly PortFile _ports;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RunState _state;
    private TaskRecord? _record;
    private LineLog? _log;
    private TaskOutput? _output;
    private int _exitCode;
    private readonly TaskCompletionSource _prepared = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _letGo = new();
    private Task _cleanUp = Task.CompletedTask;

    public ProcessRun(string taskId, RunServices services)
    {
        TaskId = taskId;
        _services = services;
        _directory = new TaskDirectory(services.TasksDirectory, taskId);
        _ports = new PortFile(_directory.Ports, services.Options.PortsMax);
        Load();
    }

    private enum RunState
    {
        New,
        Prepared,
        Starting,
        Running,
        Ended,
        Removed,
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

        ProcessPlan plan = ProcessPlanner.Plan(task, _services.Options);
        ProcessPlanner.CheckReach(_services.TasksDirectory, plan.User);
        TaskCgroup.CheckLimits(_services.CgroupBase, plan);
        var record = new TaskRecord
        {
            TaskId = TaskId,
            StopSignal = plan.StopSignal,
            StopGrace = plan.StopGrace,
            DependencyDirectory = _services.Dependencies.DirectoryOf(_directory),
            Cgroup = _services.CgroupBase is null ? null : Path.Combine(_services.CgroupBase, TaskId),
        };

        // A directory without a record that can be read: of an agent that died in the middle of this, or worse.
        if (Directory.Exists(_directory.Root))
        {
            await Tree(record).KillAsync(0, _services.Options.KillTimeout, _services.Time, cancellationToken);
            _directory.Delete();
        }

        try
        {
            _directory.Create(plan.User);
            _services.Dependencies.Write(record.DependencyDirectory, task, dependencies, plan.User);
            record.Save(_directory.Record);
            lock (_lock)
            {
                _record = record;
                _log = new LineLog(_directory.Logs, _services.Options.LogBytesMax);
                _state = RunState.Prepared;
            }

            _prepared.TrySetResult();
        }
        catch
        {
            _services.Dependencies.Delete(record.DependencyDirectory);
            _directory.Delete();
            throw;
        }
    }

    /// <summary>Starts the supervisor, and returns when it has started the command.</summary>
    public async Task StartAsync(Api.Task task, CancellationToken cancellationToken)
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

    public void ThrowIfNotStarted()
    {
        lock (_lock)
        {
            if (_state is RunState.New or RunState.Prepared or RunState.Removed)
            {
                throw new TaskControllerException($"task {TaskId} has not been started");
            }
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
        TaskRecord record;
        lock (_lock)
        {
            if (_state is not RunState.Running)
            {
                return;
            }

            record = _record!;
        }

        if (!atOnce && Signal(record) && await WaitEndAsync(record.StopGrace, cancellationToken))
        {
            return;
        }

        TimeSpan limit = _services.Options.KillTimeout;
        await Tree(record).KillAsync(record.SupervisorPid, limit, _services.Time, cancellationToken);
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
        if (record is not null && Cgroup(record)?.TryRemove() == false)
        {
            _services.Logger.LogWarning("Task {TaskId}: cgroup {Cgroup} cannot be removed", TaskId, record.Cgroup);
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

    private ProcessTree Tree(TaskRecord record) => new(_directory.Work, Cgroup(record), _services.Scanner);

    private static TaskCgroup? Cgroup(TaskRecord record) => record.Cgroup is { } path ? new TaskCgroup(path) : null;

    // Finds out from disk and from the kernel what there is of the task.
    private void Load()
    {
        try
        {
            _record = TaskRecord.Load(_directory.Record);
        }
        catch (IOException e)
        {
            _services.Logger.LogWarning("Task {TaskId}: {Error}; it is prepared anew", TaskId, e.Message);
        }

        if (_record is null)
        {
            return;
        }

        _log = new LineLog(_directory.Logs, _services.Options.LogBytesMax);
        _prepared.TrySetResult();
        SupervisorReport report = SupervisorReport.Read(_directory.Report);
        SafeFileHandle? supervisor = _record.BootId == ProcessTable.BootId ? OpenIfSame(_record) : null;
        if (supervisor is null && report.CommandPid is null)
        {
            // Never started, or the agent died before it said "go": nothing has run.
            _state = RunState.Prepared;
            return;
        }

        _state = RunState.Running;
        try
        {
            _output = new TaskOutput(_directory, _log, _ports, _services);
        }
        catch (IOException e)
        {
            _services.Logger.LogWarning("Task {TaskId}: its output is lost: {Error}", TaskId, e.Message);
        }

        if (supervisor is not null)
        {
            _services.Logger.LogInformation("Task {TaskId}: adopted, process {Pid}", TaskId, report.CommandPid);
            _services.Watcher.Add(supervisor, this);
        }
        else
        {
            // Its process id may be somebody else's by now: the session of that name proves nothing.
            BeginCleanUp(supervisor: 0);
        }
    }

    private static SafeFileHandle? OpenIfSame(TaskRecord record)
    {
        // Opened first and compared then: what is compared is what the descriptor stands for.
        SafeFileHandle? handle = ProcessWatcher.OpenProcess(record.SupervisorPid);
        if (handle is not null && ProcessTable.Read(record.SupervisorPid)?.StartTime != record.SupervisorStartTime)
        {
            handle.Dispose();
            return null;
        }

        return handle;
    }

    private bool Signal(TaskRecord record)
    {
        // The command is the supervisor's child as long as it has not been waited for, so the number cannot be somebody else's.
        return SupervisorReport.Read(_directory.Report).CommandPid is { } pid
            && ProcessTable.Read(pid)?.Parent == record.SupervisorPid
            && LibC.kill(pid, record.StopSignal) == 0;
    }

    private void Began(TaskRecord record, SafeFileHandle supervisor)
    {
        lock (_lock)
        {
            _record = record;
            _output = new TaskOutput(_directory, _log!, _ports, _services);
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
            while (!await TryKillRestAsync(record, supervisor))
            {
                await Task.Delay(CleanUpPause, _services.Time, _letGo.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The next executor does it again.
            return;
        }

        // Only now its number is given back, if the supervisor is our child.
        _ = record.BootId == ProcessTable.BootId ? LibC.waitpid(record.SupervisorPid, out _, LibC.WaitNoHang) : 0;
        lock (_lock)
        {
            if (_letGo.IsCancellationRequested)
            {
                return;
            }

            FinishOutput();
            _state = RunState.Ended;
        }

        _ = Cgroup(record)?.TryRemove();
        ForgetDependencies(record);
        _ended.TrySetResult();
        StatusChanged?.Invoke(this, EventArgs.Empty);
    }

    private async Task<bool> TryKillRestAsync(TaskRecord record, int supervisor)
    {
        try
        {
            await Tree(record).KillAsync(supervisor, _services.Options.KillTimeout, _services.Time, _letGo.Token);
            return true;
        }
        catch (TaskControllerException e)
        {
            _services.Logger.LogError("Task {TaskId}: {Error}", TaskId, e.Message);
            return false;
        }
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
            _services.Logger.LogWarning("Task {TaskId}: its secrets cannot be removed yet: {Error}", TaskId, e.Message);
        }
    }

    private void FinishOutput()
    {
        _exitCode = TaskExitException.UnknownExitCode;
        try
        {
            _exitCode = SupervisorReport.Read(_directory.Report).ExitCode ?? TaskExitException.UnknownExitCode;
            _output?.Poll(last: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _services.Logger.LogWarning("Task {TaskId}: the end of its output is lost: {Error}", TaskId, e.Message);
        }

        _output?.Dispose();
        _output = null;
        _log?.Complete();
    }
}
