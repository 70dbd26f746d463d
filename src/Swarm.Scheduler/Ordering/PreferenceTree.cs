// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Scheduler;

/// <summary>
/// Spreads over the values of labels first, over the nodes of a branch then. At each level the branch with the fewest tasks of
/// the service takes the next one, as long as it has a node that can; the values of labels in ordinal order break ties.
/// </summary>
internal sealed class PreferenceTree : ICandidates
{
    private readonly GroupContext _group;
    private readonly Branch _root = new();
    private readonly List<Branch> _path = [];
    private NodeInfo? _last;

    public PreferenceTree(GroupContext group, IReadOnlyList<NodeAttribute> labels)
    {
        _group = group;
        foreach (NodeInfo node in group.Nodes.Nodes)
        {
            Branch branch = _root;
            int tasks = group.ServiceTasksOf(node);
            foreach (NodeAttribute label in labels)
            {
                branch.Tasks += tasks;
                branch = branch.Child(label.Of(node.Node) ?? "");
            }

            // Tasks on nodes that take no more count too: their branch has its share.
            branch.Tasks += tasks;
            if (!node.IsReady)
            {
                continue;
            }

            // Nodes come in the common order already, which is that of nodes without tasks of the service.
            if (group.IsTouched(node))
            {
                branch.Touched.Enqueue(node, group.KeyOf(node));
            }
            else
            {
                branch.Untouched.Enqueue(node);
            }
        }
    }

    /// <summary>The labels that the preferences of a task name; preferences of other kinds are passed over.</summary>
    public static IReadOnlyList<NodeAttribute> LabelsOf(Api.Task task)
    {
        if (task.Spec?.Placement?.Preferences is not { Count: > 0 } preferences)
        {
            return [];
        }

        var labels = new List<NodeAttribute>();
        foreach (PlacementPreference preference in preferences)
        {
            var label = new NodeAttribute(preference.Spread?.SpreadDescriptor ?? "");
            if (label.IsLabel)
            {
                labels.Add(label);
            }
        }

        return labels;
    }

    public NodeInfo? Next()
    {
        while (!_root.IsExhausted)
        {
            _path.Clear();
            Branch branch = _root;
            _path.Add(branch);
            while (branch.Least() is { } child)
            {
                branch = child;
                _path.Add(branch);
            }

            while (TakeFirst(branch) is { } node)
            {
                if (_group.Admits(node))
                {
                    return _last = node;
                }
            }

            // A branch of branches comes here only when all of them are exhausted.
            branch.IsExhausted = true;
        }

        return null;
    }

    public void Placed()
    {
        foreach (Branch branch in _path)
        {
            branch.Tasks++;
        }

        NotPlaced();
    }

    public void NotPlaced() => _path[^1].Touched.Enqueue(_last!, _group.KeyOf(_last!));

    // A node put back may be one without tasks of the service, so the two are compared.
    private NodeInfo? TakeFirst(Branch branch)
    {
        bool isTouched = branch.Touched.TryPeek(out _, out SpreadKey key)
            && (!branch.Untouched.TryPeek(out NodeInfo? next) || key.CompareTo(_group.KeyOf(next)) < 0);
        return isTouched ? branch.Touched.Dequeue() : branch.Untouched.TryDequeue(out NodeInfo? node) ? node : null;
    }

    private sealed class Branch
    {
        private readonly SortedDictionary<string, Branch> _children = new(StringComparer.Ordinal);
        private readonly Dictionary<string, Branch> _index = new(StringComparer.Ordinal);

        public Queue<NodeInfo> Untouched { get; } = new();

        public PriorityQueue<NodeInfo, SpreadKey> Touched { get; } = new();

        public int Tasks { get; set; }

        public bool IsExhausted { get; set; }

        public Branch Child(string value)
        {
            if (!_index.TryGetValue(value, out Branch? child))
            {
                _index.Add(value, child = new Branch());
                _children.Add(value, child);
            }

            return child;
        }

        public Branch? Least()
        {
            Branch? least = null;
            foreach (Branch child in _children.Values)
            {
                if (!child.IsExhausted && (least is null || child.Tasks < least.Tasks))
                {
                    least = child;
                }
            }

            return least;
        }
    }
}
