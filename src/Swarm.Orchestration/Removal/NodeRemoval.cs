// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Work;
using Swarm.Store;

namespace Swarm.Orchestration;

/// <summary>
/// Gives up the tasks of a node that was removed: they become ORPHANED, which frees what they hold and lets their services
/// replace them. It does so task by task and not with the removal, because the tasks of one node may be more than fit into a log
/// entry; should the leader change in between, the next one finds what is left. Used by one writer, not thread-safe.
/// </summary>
public sealed class NodeRemoval : IController
{
    /// <summary>What the status of such a task says.</summary>
    public const string OrphanedMessage = "Task belonged to a node that has been deleted";

    private readonly WorkQueue<string> _work = new();

    /// <inheritdoc/>
    public string Name => "node-removal";

    /// <inheritdoc/>
    public void Begin(IControllerStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        start.ForEach<Api.Task>(task => Note(task, start.Head));
    }

    /// <inheritdoc/>
    public void Observe(in StoreChange change, IStoreReader head)
    {
        ArgumentNullException.ThrowIfNull(head);
        if (change is { Action: ChangeAction.Remove, Old: Node node })
        {
            foreach (Api.Task task in head.TasksByNode(node.Id))
            {
                Note(task, head);
            }
        }
        else if (change.New is Api.Task task)
        {
            Note(task, head);
        }
    }

    /// <inheritdoc/>
    public bool Run(IControllerTurn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        while (_work.TryPeek(out string? id))
        {
            if (turn.Head.Get<Api.Task>(id) is { } task && IsLost(task, turn.Head) && !turn.TryAtomOrSkip(task, tx => Orphan(tx, task)))
            {
                return true;
            }

            _work.TryTake(out _);
        }

        return false;
    }

    private static void Orphan(IStoreTransaction tx, Api.Task task) => tx.Update(task.WithStatus(new Api.TaskStatus
    {
        State = TaskState.Orphaned,
        Message = OrphanedMessage,
        Timestamp = tx.Now,
    }));

    private static bool IsLost(Api.Task task, IStoreReader head) =>
        task.NodeId.Length > 0 && !task.ObservedState().IsTerminal() && head.Get<Node>(task.NodeId) is null;

    private void Note(Api.Task task, IStoreReader head)
    {
        if (IsLost(task, head))
        {
            _work.Add(task.Id);
        }
    }
}
