// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Scheduler;

/// <summary>
/// The whole of scheduling as one stepped machine: it is told every change of nodes and tasks, and <see cref="Run"/> hands out
/// decisions for the tasks that wait. A refused task is tried again only when a change can help it. Deterministic; holds
/// nothing that cannot be built anew from the nodes (first) and the tasks; not thread-safe.
/// </summary>
public sealed class PlacementQueue
{
    private readonly PlacementOptions _options;
    private readonly TaskPlacer _placer;
    private readonly Dictionary<string, WaitingTask> _tasks = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, TaskGroup> _groups = new(StringComparer.Ordinal);
    private readonly LinkedList<TaskGroup> _preassigned = new();
    private readonly LinkedList<TaskGroup> _due = new();
    private readonly LinkedList<TaskGroup> _stale = new();
    private readonly SortedDictionary<string, NodeAspects> _changed = new(StringComparer.Ordinal);
    private bool _nodesChanged;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="options">Settings; the defaults if null.</param>
    /// <param name="filters">The filters after readiness; <see cref="NodeFilters.Default"/> if null. They belong to this queue.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public PlacementQueue(PlacementOptions? options = null, IEnumerable<INodeFilter>? filters = null)
    {
        _options = options ?? new PlacementOptions();
        Nodes = new NodeSet(_options);
        _placer = new TaskPlacer(Nodes, filters);
    }

    /// <summary>The nodes with what they have left. Read only: changes go through the queue.</summary>
    public NodeSet Nodes { get; }

    /// <summary>How many tasks wait for a node, or for the word that they may run on theirs.</summary>
    public int WaitingTasks => _tasks.Count;

    /// <summary>Why a task waits.</summary>
    /// <param name="taskId">The task.</param>
    /// <returns>The reason; null if it does not wait, or was not tried yet.</returns>
    public PlacementRefusal? ReasonFor(string taskId) => _tasks.GetValueOrDefault(taskId)?.Group.Refusal;

    /// <summary>Tells that a node is new or changed.</summary>
    /// <param name="node">The node as it is now.</param>
    public void NodeChanged(Node node)
    {
        NodeChange change = Nodes.AddOrUpdateNode(node);
        _nodesChanged |= change.Aspects != NodeAspects.None;
        Note(change);
    }

    /// <summary>Tells that a node is gone.</summary>
    /// <param name="nodeId">Its id.</param>
    public void NodeRemoved(string nodeId)
    {
        if (Nodes.RemoveNode(nodeId))
        {
            _nodesChanged = true;
            _changed[nodeId] = NodeAspects.None;
        }
    }

    /// <summary>
    /// Tells that a task is new or changed. It waits while it is PENDING and wanted; it holds its claims on its node from ASSIGNED
    /// until its work is over.
    /// </summary>
    /// <param name="task">The task as it is now.</param>
    /// <param name="now">The time; a failure without a time of its own counts as of now.</param>
    public void TaskChanged(Api.Task task, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(task);
        Note(Nodes.AddOrUpdateTask(task, now));
        if (task.ObservedState() == TaskState.Pending && task.DesiredState <= TaskState.Complete)
        {
            Wait(task);
        }
        else
        {
            StopWaiting(task.Id);
        }
    }

    /// <summary>Tells that a task is gone.</summary>
    /// <param name="taskId">The task.</param>
    public void TaskRemoved(string taskId)
    {
        Note(Nodes.RemoveTask(taskId));
        StopWaiting(taskId);
    }

    /// <summary>
    /// Decides about the tasks that are due: first those that have a node already, then groups in the order in which they became due.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="commit">
    /// Is handed each decision: a placement, or a reason that differs from the one the task carries. It may tell the queue of the
    /// change it makes, then and there or later; it must not call <see cref="Run"/>.
    /// </param>
    /// <param name="leaveOut">
    /// Is asked when the work on a group of like tasks throws, with one of them: true leaves the group out until its tasks change, so
    /// that the others get their nodes. Where this is null, whatever is thrown goes through.
    /// </param>
    /// <returns>True if there is more to do: <paramref name="commit"/> said stop, or more explanations are to be refreshed.</returns>
    public bool Run(
        DateTimeOffset now, Func<PlacementDecision, PlacementVerdict> commit, Func<Api.Task, Exception, bool>? leaveOut = null)
    {
        ArgumentNullException.ThrowIfNull(commit);
        FindWhatChangesHelp(leaveOut);
        foreach (LinkedList<TaskGroup> list in new[] { _preassigned, _due })
        {
            while (list.First is { } first)
            {
                if (!RunOrLeaveOut(first.Value, now, commit, leaveOut))
                {
                    return true;
                }
            }
        }

        for (int i = 0; i < _options.RefreshesPerRun && _stale.First is { } first; i++)
        {
            if (!RunOrLeaveOut(first.Value, now, commit, leaveOut))
            {
                return true;
            }
        }

        return _stale.Count > 0;
    }

    private void Note(NodeChange change)
    {
        if (change.Aspects != NodeAspects.None)
        {
            _changed[change.NodeId] = _changed.GetValueOrDefault(change.NodeId) | change.Aspects;
        }
    }

    private void Wait(Api.Task task)
    {
        string key = TaskGroup.KeyOf(task);
        if (_tasks.TryGetValue(task.Id, out WaitingTask? waiting))
        {
            if (waiting.Group.Key == key && TaskDemands.AskSame(waiting.Task, task))
            {
                waiting.Task = task;
                return;
            }

            StopWaiting(task.Id);
        }

        if (!_groups.TryGetValue(key, out TaskGroup? group))
        {
            _groups.Add(key, group = new TaskGroup(key, task.NodeId));
        }

        waiting = new WaitingTask(task, group);
        _tasks.Add(task.Id, waiting);
        group.Tasks.Add(waiting.Key, waiting);
        Move(group, TaskGroup.Stage.Due);
    }

    private void StopWaiting(string taskId)
    {
        if (!_tasks.Remove(taskId, out WaitingTask? waiting))
        {
            return;
        }

        waiting.Group.Tasks.Remove(waiting.Key);
        if (waiting.Group.Tasks.Count == 0)
        {
            Move(waiting.Group, TaskGroup.Stage.Waiting);
            _groups.Remove(waiting.Group.Key);
        }
    }

    private void Move(TaskGroup group, TaskGroup.Stage stage)
    {
        if (group.State == stage)
        {
            return;
        }

        group.Place?.List!.Remove(group.Place);
        group.State = stage;
        group.Place = stage switch
        {
            TaskGroup.Stage.Due => (group.NodeId.Length > 0 ? _preassigned : _due).AddLast(group),
            TaskGroup.Stage.Stale => _stale.AddLast(group),
            _ => null,
        };
    }

    /// <summary>
    /// Makes due what a change of a node can help: the filter that refused before depends on what changed, and the node fits now.
    /// Where nodes changed but cannot help, the explanation is to be counted anew, which may take its time.
    /// </summary>
    private void FindWhatChangesHelp(Func<Api.Task, Exception, bool>? leaveOut)
    {
        if (_changed.Count == 0)
        {
            return;
        }

        foreach (TaskGroup group in _groups.Values.ToArray())
        {
            try
            {
                FindWhatChangesHelp(group);
            }
            catch (Exception e) when (leaveOut?.Invoke(group.First, e) == true)
            {
                LeaveOut(group);
            }
        }

        _changed.Clear();
        _nodesChanged = false;
    }

    private void FindWhatChangesHelp(TaskGroup group)
    {
        if (group.State == TaskGroup.Stage.Due || (group.NodeId.Length > 0 && !_changed.ContainsKey(group.NodeId)))
        {
            return;
        }

        NodeAspects remedies = group.Refusal?.Remedies ?? NodeAspects.All;
        IEnumerable<string> nodes = group.NodeId.Length > 0 ? [group.NodeId]
            : _changed.Where(c => (c.Value & remedies) != NodeAspects.None).Select(static c => c.Key);
        if (_placer.FitsAny(group.First, nodes))
        {
            Move(group, TaskGroup.Stage.Due);
        }
        else if (_nodesChanged)
        {
            Move(group, TaskGroup.Stage.Stale);
        }
    }

    private bool RunOrLeaveOut(
        TaskGroup group, DateTimeOffset now, Func<PlacementDecision, PlacementVerdict> commit, Func<Api.Task, Exception, bool>? leaveOut)
    {
        Api.Task first = group.First;
        try
        {
            return RunGroup(group, now, commit);
        }
        catch (Exception e) when (leaveOut?.Invoke(first, e) == true)
        {
            LeaveOut(group);
            return true;
        }
    }

    private void LeaveOut(TaskGroup group)
    {
        foreach (WaitingTask waiting in group.Tasks.Values.ToArray())
        {
            StopWaiting(waiting.Task.Id);
        }
    }

    /// <summary>Decides about one group; false if it is to be gone on with in the next run.</summary>
    private bool RunGroup(TaskGroup group, DateTimeOffset now, Func<PlacementDecision, PlacementVerdict> commit)
    {
        bool stopped = false;
        PlacementVerdict Commit(PlacementDecision decision)
        {
            PlacementVerdict verdict = commit(decision);
            stopped = verdict == PlacementVerdict.Stop;
            if (!stopped)
            {
                StopWaiting(decision.Task.Id);
            }

            return verdict;
        }

        PlacementRefusal? refusal = group.NodeId.Length > 0
            ? Confirm(group, now, Commit)
            : _placer.Place([.. group.Tasks.Values.Select(static w => w.Task)], now, Commit);
        if (stopped)
        {
            return false;
        }

        group.Refusal = refusal;
        return refusal is null || Tell(group, refusal, commit);
    }

    private PlacementRefusal? Confirm(TaskGroup group, DateTimeOffset now, Func<PlacementDecision, PlacementVerdict> commit)
    {
        PlacementDecision decision = _placer.Check(group.First);
        if (decision.Refusal is null && commit(decision) == PlacementVerdict.Taken)
        {
            _placer.Book(decision, now);
        }

        return decision.Refusal;
    }

    private bool Tell(TaskGroup group, PlacementRefusal refusal, Func<PlacementDecision, PlacementVerdict> commit)
    {
        foreach (WaitingTask waiting in group.Tasks.Values.Where(w => w.Told != refusal.Text).ToArray())
        {
            switch (commit(PlacementDecision.None(waiting.Task, refusal)))
            {
                case PlacementVerdict.Stop:
                    return false;
                case PlacementVerdict.Taken:
                    waiting.Told = refusal.Text;
                    break;
                default:
                    StopWaiting(waiting.Task.Id);
                    break;
            }
        }

        Move(group, TaskGroup.Stage.Waiting);
        return true;
    }
}
