// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>
/// For the sets of constraints asked for lately, the ready nodes that meet them, in the common order. Where few nodes meet a set,
/// a group need not pass over all the others: those take no tasks of it, so they stand before all that do. Bounded: the set not
/// asked for the longest goes first, and one asked for the first time is only remembered.
/// </summary>
internal sealed class ConstrainedOrders(NodeSet nodes)
{
    /// <summary>The most sets kept. A node remembers in as many bits to which of them it belongs.</summary>
    public const int Most = 32;

    private readonly Slot[] _slots = new Slot[Most];
    private long _asked;
    private int _used;

    /// <summary>The nodes that meet constraints; null if the set is not kept (yet).</summary>
    public NodeOrder? Find(string key, IReadOnlyList<ConstraintExpression> constraints)
    {
        _asked++;
        for (int i = 0; i < _used; i++)
        {
            if (_slots[i].Key == key)
            {
                _slots[i].Asked = _asked;
                return _slots[i].Order ?? Make(i);
            }
        }

        int free = _used < Most ? _used++ : Oldest();
        Clear(free);
        _slots[free] = new Slot { Key = key, Constraints = [.. constraints], Asked = _asked };
        return null;
    }

    /// <summary>Finds anew to which sets a node belongs. It must not stand in any order.</summary>
    public void Judge(NodeInfo node)
    {
        node.ConstraintSets = 0;
        for (int i = 0; i < _used; i++)
        {
            if (_slots[i].Order is not null && _slots[i].Admits(node))
            {
                node.ConstraintSets |= 1u << i;
            }
        }
    }

    public void Add(NodeInfo node)
    {
        for (uint left = node.ConstraintSets; left != 0; left &= left - 1)
        {
            _slots[uint.TrailingZeroCount(left)].Order!.Add(node);
        }
    }

    public void Remove(NodeInfo node)
    {
        for (uint left = node.ConstraintSets; left != 0; left &= left - 1)
        {
            _slots[uint.TrailingZeroCount(left)].Order!.Remove(node);
        }
    }

    private NodeOrder Make(int at)
    {
        var order = new NodeOrder();
        foreach (NodeInfo node in nodes.Nodes)
        {
            if (_slots[at].Admits(node))
            {
                node.ConstraintSets |= 1u << at;
                if (node.IsReady)
                {
                    order.Add(node);
                }
            }
        }

        return _slots[at].Order = order;
    }

    private int Oldest()
    {
        int oldest = 0;
        for (int i = 1; i < Most; i++)
        {
            oldest = _slots[i].Asked < _slots[oldest].Asked ? i : oldest;
        }

        return oldest;
    }

    private void Clear(int at)
    {
        if (_slots[at].Order is null)
        {
            return;
        }

        foreach (NodeInfo node in nodes.Nodes)
        {
            node.ConstraintSets &= ~(1u << at);
        }
    }

    private struct Slot
    {
        public string Key;
        public ConstraintExpression[] Constraints;
        public NodeOrder? Order;
        public long Asked;

        public readonly bool Admits(NodeInfo node) => Array.TrueForAll(Constraints, c => c.Matches(node.Node));
    }
}
