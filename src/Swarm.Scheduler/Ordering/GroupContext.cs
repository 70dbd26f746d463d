// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>What is fixed while one group is placed, and the count of refusals by filter.</summary>
internal sealed class GroupContext
{
    private readonly NodeSet _nodes;
    private readonly FilterPipeline _filters;
    private readonly string _serviceId;
    private readonly ServiceVersion? _version;
    private readonly DateTimeOffset _now;
    private readonly int[] _refusals;
    private readonly NodeOrder? _constrained;

    public GroupContext(NodeSet nodes, FilterPipeline filters, Api.Task first, DateTimeOffset now)
    {
        _nodes = nodes;
        _filters = filters;
        _serviceId = first.ServiceId;
        _version = TaskDemands.VersionOf(first);
        _now = now;
        _refusals = new int[filters.Count];
        filters.SetTask(first);
        _refusals[0] = nodes.Unready.Count;
        IReadOnlyList<ConstraintExpression> constraints = filters.Constraints;
        if (constraints.Count > 0)
        {
            string key = constraints.Count == 1 ? first.Spec.Placement.Constraints[0] : string.Join('\n', first.Spec.Placement.Constraints);
            _constrained = nodes.Constrained.Find(key, constraints);
        }
    }

    public NodeSet Nodes => _nodes;

    /// <summary>Ready nodes in the common order; where that is known, only those that meet the constraints.</summary>
    public NodeOrder Order => _constrained ?? _nodes.Ready;

    /// <summary>Nodes that rank behind all others, for they have tasks of the service or failed it lately.</summary>
    public IEnumerable<NodeInfo> Touched => _nodes.NodesOf(_serviceId)
        .Concat(_nodes.Failures.NodesOf(_version).Where(n => n.ActiveTasksOf(_serviceId) == 0))
        .Where(n => n.IsReady && IsTouched(n));

    public bool IsTouched(NodeInfo node) =>
        ServiceTasksOf(node) > 0 || (node.Failures is not null && _nodes.Failures.Weight(node, _version, _now) > 0);

    public int ServiceTasksOf(NodeInfo node) => _serviceId.Length == 0 ? 0 : node.ActiveTasksOf(_serviceId);

    public SpreadKey KeyOf(NodeInfo node) => _nodes.KeyOf(node, _serviceId, _version, _now);

    /// <summary>Asks the filters; a refusal is counted, so a refused node must not be asked again.</summary>
    public bool Admits(NodeInfo node)
    {
        int refusal = _filters.FirstRefusal(node);
        if (refusal < 0)
        {
            return true;
        }

        _refusals[refusal]++;
        return false;
    }

    /// <summary>Counts the refusals of the nodes that <see cref="Order"/> leaves out. Call it once, when no other is left.</summary>
    public void CountLeftOut()
    {
        if (_constrained is null)
        {
            return;
        }

        NodeOrder ready = _nodes.Ready;
        for (int i = 0; i < ready.Count; i++)
        {
            NodeInfo node = ready[i];
            if (_constrained.IndexOf(node) < 0 && !IsTouched(node))
            {
                Admits(node);
            }
        }
    }

    public PlacementRefusal Explain() => _filters.Explain(_refusals);
}
