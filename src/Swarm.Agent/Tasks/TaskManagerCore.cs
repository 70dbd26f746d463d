// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;
using Swarm.Runtime;

namespace Swarm.Agent.Tasks;

/// <summary>
/// Brings one task where the manager wants it. The rules of the states are <see cref="TaskStateMachine"/>'s; this adds what the agent
/// promises: a state is on disk before anything is done because of it (so a task is never started twice) and before it is reported; a
/// wish to stop
/// interrupts what is under way; a task that was taken away is stopped, removed, and only then forgotten. Its owner asks
/// <see cref="Next"/>, does that one thing, says how it went, and asks again. Stepped: no clock, no I/O.
/// </summary>
internal sealed class TaskManagerCore
{
    // What is then still left is ended by the executor's reconciliation at the next start.
    private const int RemoveAttemptsMax = 5;

    private readonly TimeSpan _retryDelay;
    private Api.Task _task;
    private TaskStatus _status;
    private TaskDecision _decision;
    private DateTimeOffset? _notBefore;
    private bool _hasController;
    private bool _needsDependencies;
    private bool _unsaved;
    private bool _unupdated;
    private bool _draining;
    private bool _terminating;
    private bool _gone;
    private bool _removed;
    private bool _forgotten;
    private int _removeAttempts;
    private Api.Task? _next;

    /// <summary>Makes the manager of a task.</summary>
    /// <param name="stored">The task as stored, or as assigned with a null status.</param>
    /// <param name="isStored">Whether it is in the store already.</param>
    /// <param name="retryDelay">Time to the next try after a temporary error.</param>
    internal TaskManagerCore(StoredTask stored, bool isStored, TimeSpan retryDelay)
    {
        _retryDelay = retryDelay;
        _task = stored.Task;
        _status = stored.Status ?? stored.Task.Status ?? new TaskStatus();
        SavedStatus = _status;
        _gone = !stored.IsAssigned;
        _unsaved = !isStored;
        _needsDependencies = HasDependencies(stored.Task);
        _decision = TaskStateMachine.Next(_status.State, Desired);
    }

    /// <summary>The task as last assigned.</summary>
    internal Api.Task Task => _task;

    /// <summary>What was last observed; not changed afterwards.</summary>
    internal TaskStatus Status => _status;

    /// <summary>The status that was last made safe; the task's own before that.</summary>
    internal TaskStatus SavedStatus { get; private set; }

    /// <summary>Whether the work of the task is over and that is on disk.</summary>
    internal bool HasEnded => _forgotten || (_status.State.IsTerminal() && !_unsaved);

    /// <summary>Whether the task is no longer in the store.</summary>
    internal bool IsForgotten => _forgotten;

    /// <summary>Whether the task was taken away.</summary>
    internal bool IsGone => _gone;

    /// <summary>
    /// Whether an operation under way is to be cancelled: anything but a stop where the task is to stop, and a wait also where there is
    /// something to write down or to pass on (it is taken up again after that; the work goes on meanwhile).
    /// </summary>
    /// <param name="underWay">The operation.</param>
    /// <returns>True to cancel it.</returns>
    internal bool Interrupts(TaskOperation underWay) =>
        (underWay == TaskOperation.Wait && (_unsaved || _unupdated))
        || (Desired > TaskState.Complete && underWay is TaskOperation.Prepare or TaskOperation.Start or TaskOperation.Wait)
        || (_terminating && underWay == TaskOperation.Shutdown);

    /// <summary>An executor made a controller for the task.</summary>
    internal void ControllerMade() => _hasController = true;

    /// <summary>No executor takes the task: that ends it.</summary>
    /// <param name="reason">One line for people.</param>
    /// <param name="now">The time.</param>
    internal void Refuse(string reason, DateTimeOffset now)
    {
        if (!_status.State.IsTerminal())
        {
            bool began = _status.State >= TaskState.Starting;
            Take(new TaskDecision(
                began ? TaskState.Failed : TaskState.Rejected, began ? "failed" : "rejected", reason, TaskOperation.None), now);
        }
    }

    /// <summary>A full set of assignments has come, so what is not there now does not exist.</summary>
    internal void DependenciesKnown() => _needsDependencies = false;

    /// <summary>The manager assigned the task, anew or changed.</summary>
    /// <param name="task">The task.</param>
    internal void Assign(Api.Task task)
    {
        if (_gone)
        {
            // Its clean-up is under way and cannot be taken back; what comes after that is the manager's to decide.
            _next = task;
            return;
        }

        TaskState before = Desired;
        bool changed = !SameDefinition(_task, task);
        if (task.DesiredState < _task.DesiredState)
        {
            // Wishes only grow; a lower one is an older one.
            task = task.WithDesiredState(_task.DesiredState);
        }

        if (!changed && task.DesiredState == _task.DesiredState)
        {
            return;
        }

        _unsaved = true;
        _unupdated |= changed;
        _task = task;
        DesireChanged(before);
    }

    /// <summary>The manager took the task away.</summary>
    internal void TakeAway()
    {
        TaskState before = Desired;
        _unsaved |= !_gone;
        _gone = true;
        _next = null;
        DesireChanged(before);
    }

    /// <summary>The node is stopping and takes its tasks along.</summary>
    internal void Drain()
    {
        TaskState before = Desired;
        _draining = true;
        DesireChanged(before);
    }

    /// <summary>The draining takes too long: stop without grace.</summary>
    internal void Terminate()
    {
        Drain();
        _terminating = true;
        if (_decision.Operation == TaskOperation.Shutdown)
        {
            _decision = _decision with { Operation = TaskOperation.Terminate };
            _notBefore = null;
        }
    }

    /// <summary>What the controller knows of its task has changed.</summary>
    /// <param name="facts">What it knows now.</param>
    internal void Observe(TaskFacts facts)
    {
        if (_status.State is TaskState.Starting or TaskState.Running)
        {
            TakeFacts(facts);
        }
    }

    /// <summary>An operation ended.</summary>
    /// <param name="outcome">How.</param>
    /// <param name="interrupted">Whether it was cancelled because of <see cref="Interrupts"/>.</param>
    /// <param name="facts">What the controller knew then.</param>
    /// <param name="now">The time.</param>
    internal void Ended(in TaskOutcome outcome, bool interrupted, TaskFacts facts, DateTimeOffset now)
    {
        TakeFacts(facts);
        bool wasCut = interrupted && outcome.Kind == TaskOutcomeKind.Cancelled;
        Take(wasCut ? TaskStateMachine.Next(_status.State, Desired) : TaskStateMachine.After(_status.State, Desired, outcome), now);
    }

    /// <summary>The update of the controller ended, well or not.</summary>
    internal void Updated() => _unupdated = false;

    /// <summary>The value of a <see cref="TaskStepKind.Save"/> is safe.</summary>
    /// <param name="saved">The value.</param>
    internal void Saved(StoredTask saved)
    {
        SavedStatus = saved.Status ?? SavedStatus;
        _unsaved = !ReferenceEquals(saved.Task, _task) || !ReferenceEquals(saved.Status, _status) || saved.IsAssigned == _gone;
    }

    /// <summary>The removal ended.</summary>
    /// <param name="succeeded">Whether nothing is left.</param>
    /// <param name="now">The time.</param>
    internal void RemoveEnded(bool succeeded, DateTimeOffset now)
    {
        _removeAttempts++;
        _removed = succeeded || _removeAttempts >= RemoveAttemptsMax;
        _notBefore = _removed ? null : now + _retryDelay;
    }

    /// <summary>The task is no longer in the store.</summary>
    internal void Forgotten() => _forgotten = true;

    /// <summary>The task as the manager assigned it again while it was being cleaned up; null as a rule.</summary>
    internal Api.Task? AssignedAgain => _next;

    /// <summary>Says what to do now.</summary>
    /// <param name="now">The time.</param>
    /// <returns>One thing; asked again after it.</returns>
    internal TaskStep Next(DateTimeOffset now)
    {
        while (true)
        {
            if (_forgotten)
            {
                return new TaskStep(TaskStepKind.Done);
            }

            if (_unsaved)
            {
                return new TaskStep(TaskStepKind.Save, Value: new StoredTask(_task, _status, !_gone));
            }

            bool ended = _status.State.IsTerminal() || !_hasController;
            if (_gone && ended)
            {
                return Cleanup(now);
            }

            if (_unupdated && !ended)
            {
                return new TaskStep(TaskStepKind.Update, Value: new StoredTask(_task, _status, true));
            }

            if (ended || _decision.Operation == TaskOperation.None)
            {
                return new TaskStep(TaskStepKind.Wait);
            }

            if (_notBefore > now)
            {
                return new TaskStep(TaskStepKind.Wait, Until: _notBefore);
            }

            _notBefore = null;
            if (_needsDependencies && _decision.Operation is TaskOperation.Prepare or TaskOperation.Start)
            {
                return new TaskStep(TaskStepKind.Wait);
            }

            if (_decision.Operation != TaskOperation.Advance)
            {
                return new TaskStep(TaskStepKind.Operate, _decision.Operation);
            }

            Take(TaskStateMachine.Next(_status.State, Desired), now);
        }
    }

    private TaskState Desired => _gone ? TaskState.Remove : _draining ? Max(TaskState.Shutdown, _task.DesiredState) : _task.DesiredState;

    private TaskStep Cleanup(DateTimeOffset now)
    {
        if (_removed || !_hasController)
        {
            return new TaskStep(TaskStepKind.Forget);
        }

        return _notBefore > now ? new TaskStep(TaskStepKind.Wait, Until: _notBefore) : new TaskStep(TaskStepKind.Remove);
    }

    private void DesireChanged(TaskState before)
    {
        if (Desired != before && !_status.State.IsTerminal())
        {
            // A stop under way goes on; anything else is decided anew, without what was left of a wait.
            if (_decision.Operation is not (TaskOperation.Shutdown or TaskOperation.Terminate))
            {
                _decision = TaskStateMachine.Next(_status.State, Desired);
            }

            _notBefore = null;
        }
    }

    private void Take(in TaskDecision decision, DateTimeOffset now)
    {
        bool forced = _terminating && decision.Operation == TaskOperation.Shutdown;
        _decision = forced ? decision with { Operation = TaskOperation.Terminate } : decision;
        _notBefore = decision.Delay > TimeSpan.Zero && !forced ? now + _retryDelay : null;
        bool moved = decision.State != _status.State;
        if (!moved && (decision.Error.Length == 0 || decision.Error == _status.Err))
        {
            return;
        }

        TaskStatus status = _status.ShallowCopy();
        status.Timestamp = Timestamp.FromDateTimeOffset(now);
        status.State = decision.State;
        status.Message = decision.Message.Length > 0 || moved ? decision.Message : status.Message;
        status.Err = decision.Error;
        _status = status;
        _unsaved = true;
    }

    private void TakeFacts(TaskFacts facts)
    {
        bool sameContainer = facts.Container is null || facts.Container.Equals(_status.Container);
        bool samePorts = facts.Ports is null || facts.Ports.Equals(_status.PortStatus);
        if (sameContainer && samePorts)
        {
            return;
        }

        TaskStatus status = _status.ShallowCopy();
        status.Container = facts.Container ?? status.Container;
        status.PortStatus = facts.Ports ?? status.PortStatus;
        _status = status;
        _unsaved = true;
    }

    private static bool HasDependencies(Api.Task task) =>
        task.Spec is { } spec
        && (spec.ResourceReferences.Any(static reference => reference.ResourceType is ResourceType.Secret or ResourceType.Config)
            || spec.Container is { } container && (container.Secrets.Count > 0 || container.Configs.Count > 0));

    private static bool SameDefinition(Api.Task a, Api.Task b) =>
        Equals(a.Spec, b.Spec) && Equals(a.Annotations, b.Annotations) && Equals(a.ServiceAnnotations, b.ServiceAnnotations)
        && Equals(a.Endpoint, b.Endpoint) && Equals(a.LogDriver, b.LogDriver)
        && a.Networks.Equals(b.Networks) && a.Volumes.Equals(b.Volumes)
        && a.AssignedGenericResources.Equals(b.AssignedGenericResources);

    private static TaskState Max(TaskState a, TaskState b) => a > b ? a : b;
}
