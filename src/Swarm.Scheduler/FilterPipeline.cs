// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>Runs the filters in their order; readiness is always the first.</summary>
internal sealed class FilterPipeline
{
    private readonly INodeFilter[] _filters;
    private readonly bool[] _applies;

    public FilterPipeline(IEnumerable<INodeFilter>? filters)
    {
        _filters = [new ReadyFilter(), .. filters ?? NodeFilters.Default()];
        _applies = new bool[_filters.Length];
    }

    public int Count => _filters.Length;

    /// <summary>Constraints that a node must meet to pass; none if the task has none, or no filter asks for them.</summary>
    public IReadOnlyList<ConstraintExpression> Constraints
    {
        get
        {
            int at = Array.FindIndex(_filters, static f => f is ConstraintFilter);
            return at >= 0 && _applies[at] ? ((ConstraintFilter)_filters[at]).Readable : [];
        }
    }

    public void SetTask(Api.Task task)
    {
        for (int i = 0; i < _filters.Length; i++)
        {
            _applies[i] = _filters[i].SetTask(task);
        }
    }

    /// <summary>The number of the first filter that refuses a node; -1 if none does.</summary>
    public int FirstRefusal(NodeInfo node)
    {
        for (int i = 0; i < _filters.Length; i++)
        {
            if (_applies[i] && !_filters[i].Check(node))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Puts counts per filter into words: largest first, equal ones in the order of the filters.</summary>
    public PlacementRefusal Explain(ReadOnlySpan<int> counts)
    {
        var reasons = new List<(int Filter, int Nodes)>();
        NodeAspects remedies = NodeAspects.None;
        for (int i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0)
            {
                reasons.Add((i, counts[i]));
                remedies |= _filters[i].DependsOn;
            }
        }

        return new PlacementRefusal(
            [.. reasons.OrderByDescending(static r => r.Nodes).ThenBy(static r => r.Filter)
                .Select(r => new RefusalCount(_filters[r.Filter].Reason, r.Nodes, _filters[r.Filter].Explain(r.Nodes)))],
            (remedies & NodeAspects.Load) != NodeAspects.None ? remedies | NodeAspects.Load : remedies);
    }
}
