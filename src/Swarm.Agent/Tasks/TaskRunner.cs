// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Swarm.Agent.Shell;
using Swarm.Core;
using Swarm.Runtime;

namespace Swarm.Agent.Tasks;

/// <summary>
/// The shell of a <see cref="TaskManagerCore"/>: does what it says, one thing after the other. Belongs to the agent's mailbox.
/// </summary>
internal sealed partial class TaskRunner
{
    private readonly TaskManagerCore _core;
    private readonly ITaskController? _controller;
    private readonly StateWriter _writer;
    private readonly Mailbox _mailbox;
    private readonly ILogger _logger;
    private readonly Action<TaskRunner> _statusSaved;
    private readonly Signal _signal = new();
    private readonly SteadyClock _clock;
    private readonly Alarm _alarm;
    private CancellationTokenSource? _operationEnd;
    private TaskOperation _underWay;
    private bool _interrupted;
    private bool _stopping;
    private TaskCompletionSource? _ended;

    internal TaskRunner(
        TaskManagerCore core,
        ITaskController? controller,
        StateWriter writer,
        Mailbox mailbox,
        ILogger logger,
        Action<TaskRunner> statusSaved)
    {
        _core = core;
        _controller = controller;
        _writer = writer;
        _mailbox = mailbox;
        _logger = logger;
        _statusSaved = statusSaved;
        _clock = new SteadyClock(mailbox.Time);
        _alarm = new Alarm(mailbox, () => Now, _signal.Set);
        if (controller is not null)
        {
            core.ControllerMade();
        }
    }

    internal string Id => _core.Task.Id;

    internal TaskManagerCore Core => _core;

    internal ITaskLogSource? LogSource => _controller as ITaskLogSource;

    /// <summary>Ends when the task needs no more managing, or the agent stops.</summary>
    internal Task Completion { get; private set; } = Task.CompletedTask;

    internal void Start() => Completion = RunAsync();

    /// <summary>Tells the core something and lets the loop see it.</summary>
    /// <param name="tell">Changes the core.</param>
    internal void Tell(Action<TaskManagerCore> tell)
    {
        tell(_core);
        Wake();
    }

    /// <summary>Leaves the task as it is: its work goes on without this agent where the executor can do that.</summary>
    internal void Leave()
    {
        _stopping = true;
        CancelOperation();
        _signal.Set();
    }

    /// <summary>Waits for the end of the task's work.</summary>
    /// <returns>Ends when it is over and on disk.</returns>
    internal Task WhenEndedAsync()
    {
        if (_core.HasEnded)
        {
            return Task.CompletedTask;
        }

        _ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _ended.Task;
    }

    private DateTimeOffset Now => _clock.Stamp;

    private void Wake()
    {
        if (_operationEnd is not null && !_interrupted && _core.Interrupts(_underWay))
        {
            _interrupted = true;
            CancelOperation();
        }

        _signal.Set();
    }

    // In a turn of its own: what waits for the cancellation may run inside the call.
    private void CancelOperation()
    {
        if (_operationEnd is { } end)
        {
            _mailbox.Post(end.Cancel);
        }
    }

    private async Task RunAsync()
    {
        var notifier = _controller as ITaskStatusNotifier;
        if (notifier is not null)
        {
            notifier.StatusChanged += OnStatusChanged;
        }

        while (!_stopping && await StepAsync(_core.Next(Now)))
        {
            if (_core.HasEnded)
            {
                _ended?.TrySetResult();
            }
        }

        _ended?.TrySetResult();
        _alarm.Stop();
        if (notifier is not null)
        {
            notifier.StatusChanged -= OnStatusChanged;
        }

        if (_controller is not null)
        {
            await CallAsync(async _ => await _controller.DisposeAsync());
        }
    }

    private async Task<bool> StepAsync(TaskStep step)
    {
        switch (step.Kind)
        {
            case TaskStepKind.Save:
                if (await _writer.WriteAsync(new TaskStateWrite(Id, step.Value)))
                {
                    _core.Saved(step.Value!);
                    _statusSaved(this);
                }

                return true;
            case TaskStepKind.Update:
                _core.Updated();
                if (await CallAsync(token => _controller!.UpdateAsync(step.Value!.Task, token)) is { } error)
                {
                    LogUpdateFailed(_logger, Id, error.Message);
                }

                return true;
            case TaskStepKind.Operate:
                await OperateAsync(step.Operation);
                return true;
            case TaskStepKind.Remove:
                Exception? left = await CallAsync(_controller!.RemoveAsync);
                if (left is not null)
                {
                    LogRemoveFailed(_logger, Id, left.Message);
                }

                _core.RemoveEnded(left is null, Now);
                return true;
            case TaskStepKind.Forget:
                if (await _writer.WriteAsync(new TaskStateWrite(Id, null)))
                {
                    _core.Forgotten();
                }

                return true;
            case TaskStepKind.Done:
                return false;
            default:
                _alarm.Set(step.Until);
                await _signal.WaitAsync();
                _alarm.Set(null);
                return true;
        }
    }

    private async Task OperateAsync(TaskOperation operation)
    {
        _underWay = operation;
        Exception? error = await CallAsync(operation switch
        {
            TaskOperation.Prepare => _controller!.PrepareAsync,
            TaskOperation.Start => _controller!.StartAsync,
            TaskOperation.Wait => _controller!.WaitAsync,
            TaskOperation.Shutdown => _controller!.ShutdownAsync,
            TaskOperation.Terminate => _controller!.TerminateAsync,
            _ => throw new InvalidOperationException($"the task state machine asks for {operation}, which is no call"),
        });
        _underWay = TaskOperation.None;
        bool interrupted = _interrupted;
        _interrupted = false;
        if (_stopping)
        {
            return;
        }

        TaskFacts facts = operation is TaskOperation.Prepare ? default : await ReadFactsAsync();
        TaskOutcome outcome = TaskOutcome.From(operation, error);
        LogEnded(_logger, Id, operation, outcome.Kind, outcome.Error);
        _core.Ended(outcome, interrupted, facts, Now);
    }

    // Calls into an executor's code: whatever it throws is the outcome of this task, never the end of the agent.
    private async Task<Exception?> CallAsync(Func<CancellationToken, Task> call)
    {
        var end = new CancellationTokenSource();
        _operationEnd = end;
        try
        {
            await call(end.Token);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
        finally
        {
            _operationEnd = null;
        }
    }

    private async Task<TaskFacts> ReadFactsAsync()
    {
        var facts = default(TaskFacts);
        try
        {
            if (_controller is IContainerStatusSource container)
            {
                facts = facts with { Container = await container.GetContainerStatusAsync() };
            }

            if (_controller is IPortStatusSource ports)
            {
                facts = facts with { Ports = await ports.GetPortStatusAsync() };
            }
        }
        catch (Exception e)
        {
            LogFactsFailed(_logger, Id, e.Message);
        }

        return facts;
    }

    private void OnStatusChanged(object? sender, EventArgs e) => _mailbox.Post(ObserveFacts);

    private async void ObserveFacts()
    {
        TaskFacts facts = await ReadFactsAsync();
        Tell(core => core.Observe(facts));
    }

    [LoggerMessage(EventId = 111, EventName = "OperationEnded", Level = LogLevel.Debug,
        Message = "Task {TaskId}: {Operation} ended: {Outcome} {Error}")]
    private static partial void LogEnded(ILogger logger, string taskId, TaskOperation operation, TaskOutcomeKind outcome, string error);

    [LoggerMessage(EventId = 112, EventName = "ChangeNotTaken", Level = LogLevel.Warning,
        Message = "Task {TaskId} could not take over its changed definition: {Reason}")]
    private static partial void LogUpdateFailed(ILogger logger, string taskId, string reason);

    [LoggerMessage(EventId = 113, EventName = "NotRemoved", Level = LogLevel.Warning,
        Message = "Task {TaskId} could not be removed yet: {Reason}")]
    private static partial void LogRemoveFailed(ILogger logger, string taskId, string reason);

    [LoggerMessage(EventId = 114, EventName = "FactsNotRead", Level = LogLevel.Warning,
        Message = "Task {TaskId}: its ports and process could not be read: {Reason}")]
    private static partial void LogFactsFailed(ILogger logger, string taskId, string reason);
}
