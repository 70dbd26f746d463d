// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>
/// Nodes in the order (active tasks, id), kept while counts change. A sorted array: a change moves a node past its few
/// neighbours of the same count, which beats a tree at any number of nodes one cluster has.
/// </summary>
internal sealed class NodeOrder
{
    private NodeInfo[] _nodes = new NodeInfo[16];

    public int Count { get; private set; }

    /// <summary>Grows with each change, so that a position stays good as long as it does not.</summary>
    public long Version { get; private set; }

    public NodeInfo this[int index] => _nodes[index];

    public void Add(NodeInfo node)
    {
        if (Count == _nodes.Length)
        {
            Array.Resize(ref _nodes, Count * 2);
        }

        int at = CountUpTo(node.ActiveTasks, node.Id);
        Array.Copy(_nodes, at, _nodes, at + 1, Count - at);
        _nodes[at] = node;
        Count++;
        Version++;
    }

    public void Remove(NodeInfo node)
    {
        int at = CountUpTo(node.ActiveTasks, node.Id) - 1;
        Count--;
        Version++;
        Array.Copy(_nodes, at + 1, _nodes, at, Count - at);
        _nodes[Count] = null!;
    }

    /// <summary>Where a node stands; -1 if it does not.</summary>
    public int IndexOf(NodeInfo node)
    {
        int at = CountUpTo(node.ActiveTasks, node.Id) - 1;
        return at >= 0 && ReferenceEquals(_nodes[at], node) ? at : -1;
    }

    /// <summary>How many nodes stand at or before a place in the order.</summary>
    public int CountUpTo(int activeTasks, string id)
    {
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            NodeInfo node = _nodes[middle];
            bool after = node.ActiveTasks > activeTasks
                || (node.ActiveTasks == activeTasks && string.CompareOrdinal(node.Id, id) > 0);
            if (after)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
