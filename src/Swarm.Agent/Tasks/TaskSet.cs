// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Swarm.Agent.Shell;
using Swarm.Api;
using Swarm.Core;
using Swarm.Runtime;

namespace Swarm.Agent.Tasks;

/// <summary>The tasks of the node, each with its runner. Belongs to the agent's mailbox.</summary>
internal sealed partial class TaskSet
{
    private readonly SwarmAgentOptions _options;
    private readonly IReadOnlyList<IExecutor> _executors;
    private readonly ITaskDependencies _dependencies;
    private readonly StateWriter _writer;
    private readonly Mailbox _mailbox;
    private readonly ILogger _logger;
    private readonly SortedDictionary<string, TaskRunner> _runners = new(StringComparer.Ordinal);
    private bool _dependenciesKnown;
    private bool _draining;

    internal TaskSet(
        SwarmAgentOptions options,
        IReadOnlyList<IExecutor> executors,
        ITaskDependencies dependencies,
        StateWriter writer,
        Mailbox mailbox,
        ILogger logger)
    {
        _options = options;
        _executors = executors;
        _dependencies = dependencies;
        _writer = writer;
        _mailbox = mailbox;
        _logger = logger;
    }

    /// <summary>A task's status is on disk: it may be reported.</summary>
    internal event Action<string, TaskStatus>? StatusSaved;

    /// <summary>A task came to the node.</summary>
    internal event Action<Api.Task>? Added;

    /// <summary>A task was taken away or is gone: nothing more is reported of it.</summary>
    internal event Action<string>? Removed;

    /// <summary>The tasks assigned to this node, by id.</summary>
    internal IEnumerable<Api.Task> Assigned =>
        _runners.Values.Where(static runner => !runner.Core.IsGone).Select(static runner => runner.Core.Task);

    /// <summary>Everything known, by id, with what was observed of it.</summary>
    internal IReadOnlyList<StoredTask> Snapshot() =>
        [.. _runners.Values.Select(static runner => new StoredTask(runner.Core.Task, runner.Core.Status, !runner.Core.IsGone))];

    /// <summary>Gives the source of a task's log lines.</summary>
    /// <param name="taskId">The task.</param>
    /// <returns>Null for an unknown task or one that keeps no output.</returns>
    internal ITaskLogSource? LogSource(string taskId) => _runners.GetValueOrDefault(taskId)?.LogSource;

    /// <summary>Picks up the tasks of the life before.</summary>
    /// <param name="stored">The tasks from the store.</param>
    internal void Restore(IReadOnlyList<StoredTask> stored)
    {
        foreach (StoredTask task in stored)
        {
            Add(task, isStored: true);
            if (task.IsAssigned && task.Status is not null)
            {
                StatusSaved?.Invoke(task.Task.Id, task.Status);
            }
        }
    }

    /// <summary>The manager assigned a task, anew or changed.</summary>
    /// <param name="task">The task.</param>
    internal void Put(Api.Task task)
    {
        if (_runners.TryGetValue(task.Id, out TaskRunner? runner))
        {
            runner.Tell(core => core.Assign(task));
        }
        else if (!_draining)
        {
            Add(new StoredTask(task, null, true), isStored: false);
            Added?.Invoke(task);
        }

        // A node about to stop takes nothing on. Ending what comes would only bring the next replacement of it, again and again; so the
        // manager finds it another node when this one is gone.
    }

    /// <summary>The manager took a task away.</summary>
    /// <param name="taskId">The task.</param>
    internal void TakeAway(string taskId)
    {
        if (_runners.TryGetValue(taskId, out TaskRunner? runner))
        {
            Removed?.Invoke(taskId);
            runner.Tell(static core => core.TakeAway());
        }
    }

    /// <summary>A full set of assignments has come: secrets and configs that are not here do not exist.</summary>
    internal void DependenciesKnown()
    {
        if (!_dependenciesKnown)
        {
            _dependenciesKnown = true;
            TellAll(static core => core.DependenciesKnown());
        }
    }

    /// <summary>Stops every task, within its grace.</summary>
    /// <returns>Ends when the work of all is over and on disk.</returns>
    internal async Task DrainAsync()
    {
        _draining = true;
        TellAll(static core => core.Drain());
        var clock = new SteadyClock(_mailbox.Time);
        var alarm = new Alarm(_mailbox, () => clock.Now, () => TellAll(static core => core.Terminate()));
        alarm.Set(clock.Now + _options.DrainTimeout);
        foreach (TaskRunner runner in _runners.Values.ToList())
        {
            await runner.WhenEndedAsync();
        }

        alarm.Stop();
    }

    /// <summary>Stops managing; what runs goes on where its executor can do that.</summary>
    /// <returns>Ends when no call to a controller is under way.</returns>
    internal async Task LeaveAsync()
    {
        List<TaskRunner> runners = [.. _runners.Values];
        runners.ForEach(static runner => runner.Leave());
        foreach (TaskRunner runner in runners)
        {
            await runner.Completion;
        }
    }

    private void TellAll(Action<TaskManagerCore> tell)
    {
        foreach (TaskRunner runner in _runners.Values.ToList())
        {
            runner.Tell(tell);
        }
    }

    private void Add(StoredTask stored, bool isStored)
    {
        var core = new TaskManagerCore(stored, isStored, _options.RetryDelay);
        ITaskController? controller = MakeController(stored.Task, out string refusal);
        if (controller is null)
        {
            LogRefused(_logger, stored.Task.Id, refusal);
            core.Refuse(refusal, _mailbox.Time.GetUtcNow());
        }

        if (_dependenciesKnown)
        {
            core.DependenciesKnown();
        }

        if (_draining)
        {
            core.Drain();
        }

        var runner = new TaskRunner(core, controller, _writer, _mailbox, _logger, OnStatusSaved);
        _runners.Add(stored.Task.Id, runner);
        Run(runner);
    }

    // A void method on purpose: an exception here is a defect and must not pass in silence.
    private async void Run(TaskRunner runner)
    {
        runner.Start();
        await runner.Completion;
        if (!runner.Core.IsForgotten)
        {
            return;
        }

        _runners.Remove(runner.Id);
        if (runner.Core.AssignedAgain is { } again)
        {
            var status = new TaskStatus
            {
                Timestamp = Timestamp.FromDateTimeOffset(_mailbox.Time.GetUtcNow()),
                State = TaskState.Shutdown,
                Message = "shutdown",
                Err = "the task was taken away from this node before it was assigned again; its work is gone",
            };
            Add(new StoredTask(again, status, true), isStored: false);
        }
    }

    private ITaskController? MakeController(Api.Task task, out string refusal)
    {
        refusal = "";
        try
        {
            if (_executors.FirstOrDefault(executor => executor.CanRun(task)) is { } executor)
            {
                return executor.CreateController(task, _dependencies);
            }

            string name = RuntimePlugins.NameOf(task);
            string has = string.Join(", ", _executors.Select(static executor => executor.RuntimeName));
            refusal = name.Length == 0
                ? "the task names no runtime"
                : $"this node has no executor for the runtime '{name}' (it has: {(has.Length == 0 ? "none" : has)})";
        }
        catch (Exception e)
        {
            // Code of an executor: what it throws concerns this task only.
            refusal = e.Message;
        }

        return null;
    }

    private void OnStatusSaved(TaskRunner runner)
    {
        if (!runner.Core.IsGone)
        {
            StatusSaved?.Invoke(runner.Id, runner.Core.SavedStatus);
        }
    }

    [LoggerMessage(EventId = 115, EventName = "TaskRefused", Level = LogLevel.Warning, Message = "Task {TaskId} cannot run here: {Reason}")]
    private static partial void LogRefused(ILogger logger, string taskId, string reason);
}
