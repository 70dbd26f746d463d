// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>
/// Spreads over all nodes. Nodes without tasks (and failures) of the service come first and stand in the common order already;
/// only the few others need a heap. So most groups look at as many nodes as they have tasks, not at all of them.
/// </summary>
internal sealed class SpreadCandidates : ICandidates
{
    private readonly GroupContext _group;
    private readonly PriorityQueue<NodeInfo, SpreadKey> _touched = new();
    private int _activeTasks = -1;
    private string _id = "";
    private bool _untouchedDone;
    private NodeInfo? _last;
    private bool _offerAgain;

    public SpreadCandidates(GroupContext group)
    {
        _group = group;
        foreach (NodeInfo node in group.Touched)
        {
            _touched.Enqueue(node, group.KeyOf(node));
        }
    }

    public NodeInfo? Next()
    {
        if (_offerAgain)
        {
            _offerAgain = false;
            return _last;
        }

        return _last = NextUntouched() ?? NextTouched();
    }

    public void Placed()
    {
        // A node that still counts as untouched (the task has no service) is met again further on in the common order.
        if (_group.IsTouched(_last!))
        {
            _touched.Enqueue(_last!, _group.KeyOf(_last!));
        }
    }

    public void NotPlaced() => _offerAgain = true;

    private NodeInfo? NextUntouched()
    {
        while (!_untouchedDone)
        {
            // Found anew each time, for nodes move in the order as tasks are placed.
            NodeInfo? node = _group.Nodes.Ready.After(_activeTasks, _id);
            if (node is null)
            {
                _untouchedDone = true;
                break;
            }

            (_activeTasks, _id) = (node.ActiveTasks, node.Id);
            if (!_group.IsTouched(node) && _group.Admits(node))
            {
                return node;
            }
        }

        return null;
    }

    private NodeInfo? NextTouched()
    {
        while (_touched.TryDequeue(out NodeInfo? node, out _))
        {
            if (_group.Admits(node))
            {
                return node;
            }
        }

        return null;
    }
}
