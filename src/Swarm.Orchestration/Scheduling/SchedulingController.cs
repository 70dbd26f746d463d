// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Work;
using Swarm.Scheduler;
using Swarm.Store;

namespace Swarm.Orchestration;

/// <summary>
/// Gives nodes to tasks that wait for one: PENDING → ASSIGNED, or a reason in <c>status.err</c>, written when it changes. A task
/// that found no node is tried again only when something changed that can help it. A task that is to be stopped before it got a
/// node becomes SHUTDOWN. Only nodes that are READY and ACTIVE count, so tasks wait out the time until nodes have reported to a
/// new leader. Not thread-safe, as any controller.
/// </summary>
public sealed class SchedulingController : IController
{
    private readonly PlacementQueue _queue;
    private readonly WorkQueue<string> _unwanted = new();

    /// <summary>Makes a scheduling controller.</summary>
    /// <param name="options">Its settings of placement are used; the defaults when left out.</param>
    public SchedulingController(OrchestrationOptions? options = null) =>
        _queue = new PlacementQueue((options ?? new OrchestrationOptions()).Placement);

    /// <inheritdoc/>
    public string Name => "scheduler";

    /// <summary>What each node holds and how many tasks wait, for those who want to look. Belongs to the writer's turn.</summary>
    public PlacementQueue Queue => _queue;

    /// <inheritdoc/>
    public void Begin(IControllerStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        start.ForEach<Node>(_queue.NodeChanged);
        start.ForEach<Api.Task>(task => Note(task, start.Now));
    }

    /// <inheritdoc/>
    public void Observe(in StoreChange change, IStoreReader head)
    {
        switch (change.Subject)
        {
            case Node node when change.Action == ChangeAction.Remove:
                _queue.NodeRemoved(node.Id);
                break;
            case Node node:
                _queue.NodeChanged(node);
                break;
            case Api.Task task when change.Action == ChangeAction.Remove:
                _queue.TaskRemoved(task.Id);
                break;
            case Api.Task task:
                Note(task, task.Meta?.UpdatedAt.ToTime() ?? DateTimeOffset.UnixEpoch);
                break;
        }
    }

    /// <inheritdoc/>
    public bool Run(IControllerTurn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        while (_unwanted.TryPeek(out string? id))
        {
            if (turn.Head.Get<Api.Task>(id) is { } task && IsUnwanted(task) && !turn.TryAtomOrSkip(task, tx => End(tx, task)))
            {
                return true;
            }

            _unwanted.TryTake(out _);
        }

        return _queue.Run(turn.Now, decision => Commit(turn, decision), turn.LeaveOut);
    }

    private static PlacementVerdict Commit(IControllerTurn turn, PlacementDecision decision)
    {
        if (turn.Head.Get<Api.Task>(decision.Task.Id) is not { } task || task.ObservedState() != TaskState.Pending)
        {
            return PlacementVerdict.Dropped;
        }

        try
        {
            return turn.TryAtom(tx => tx.Update(decision.Apply(task, tx.Now))) ? PlacementVerdict.Taken : PlacementVerdict.Stop;
        }
        catch (SwarmException e)
        {
            // It does not fit into a log entry. The others must not wait behind it.
            turn.Alarm(e);
            return PlacementVerdict.Dropped;
        }
    }

    private static void End(IStoreTransaction tx, Api.Task task) => tx.Update(WaitingReason.With(task, "").WithStatus(new Api.TaskStatus
    {
        State = TaskState.Shutdown,
        Message = "shut down before it was given to a node",
        Timestamp = tx.Now,
    }));

    // What is to be removed is deleted as it is.
    private static bool IsUnwanted(Api.Task task) =>
        task.DesiredState is > TaskState.Complete and < TaskState.Remove && task.ObservedState() < TaskState.Assigned;

    private void Note(Api.Task task, DateTimeOffset now)
    {
        _queue.TaskChanged(task, now);
        if (IsUnwanted(task))
        {
            _unwanted.Add(task.Id);
        }
    }
}
