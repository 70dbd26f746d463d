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

    public PreferenceTree(GroupContext group, IReadOnlyList<string> labels)
    {
        _group = group;
        foreach (NodeInfo node in group.Nodes.Nodes)
        {
            Branch branch = _root;
            foreach (string label in labels)
            {
                branch.Tasks += group.ServiceTasksOf(node);
                NodeAttributes.TryGetLabel(node.Node, label, out string? value);
                branch = branch.Child(value ?? "");
            }

            // Tasks on nodes that take no more count too: their branch has its share.
            branch.Tasks += group.ServiceTasksOf(node);
            if (node.IsReady)
            {
                branch.Nodes.Enqueue(node, group.KeyOf(node));
            }
        }
    }

    /// <summary>The labels that the preferences of a task name; preferences of other kinds are passed over.</summary>
    public static IReadOnlyList<string> LabelsOf(Api.Task task)
    {
        if (task.Spec?.Placement?.Preferences is not { Count: > 0 } preferences)
        {
            return [];
        }

        var labels = new List<string>();
        foreach (PlacementPreference preference in preferences)
        {
            if (preference.Spread?.SpreadDescriptor is { } key && NodeAttributes.IsLabelKey(key))
            {
                labels.Add(key);
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

            while (branch.Nodes.TryDequeue(out NodeInfo? node, out _))
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

    public void NotPlaced() => _path[^1].Nodes.Enqueue(_last!, _group.KeyOf(_last!));

    private sealed class Branch
    {
        private readonly SortedDictionary<string, Branch> _children = new(StringComparer.Ordinal);

        public PriorityQueue<NodeInfo, SpreadKey> Nodes { get; } = new();

        public int Tasks { get; set; }

        public bool IsExhausted { get; set; }

        public Branch Child(string value)
        {
            if (!_children.TryGetValue(value, out Branch? child))
            {
                _children.Add(value, child = new Branch());
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
