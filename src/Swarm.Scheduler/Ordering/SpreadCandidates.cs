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
    private int _next;
    private long _version;
    private NodeInfo? _last;
    private bool _offerAgain;

    public SpreadCandidates(GroupContext group)
    {
        _group = group;
        _version = group.Order.Version;
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

        _last = NextUntouched() ?? NextTouched();
        if (_last is null)
        {
            _group.CountLeftOut();
        }

        return _last;
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
        NodeOrder order = _group.Order;
        if (_version != order.Version)
        {
            // Nodes moved, as tasks were placed: go on behind the last one seen, wherever that is now.
            _version = order.Version;
            _next = order.CountUpTo(_activeTasks, _id);
        }

        while (_next < order.Count)
        {
            NodeInfo node = order[_next++];
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
