// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>Passes nodes for which all placement constraints hold. A constraint that cannot be read holds nowhere.</summary>
public sealed class ConstraintFilter : INodeFilter
{
    private readonly List<ConstraintExpression> _constraints = [];
    private bool _unreadable;

    /// <inheritdoc/>
    public string Name => "constraint";

    /// <inheritdoc/>
    public PlacementReason Reason => PlacementReason.ConstraintNotMet;

    /// <inheritdoc/>
    public NodeAspects DependsOn => NodeAspects.Attributes;

    /// <summary>The constraints of the task; none if one cannot be read.</summary>
    internal IReadOnlyList<ConstraintExpression> Readable => _unreadable ? [] : _constraints;

    /// <inheritdoc/>
    public bool SetTask(Api.Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        _constraints.Clear();
        _unreadable = false;
        foreach (string text in task.Spec?.Placement?.Constraints ?? [])
        {
            if (ConstraintExpression.TryParse(text, out ConstraintExpression? constraint, out _))
            {
                _constraints.Add(constraint);
            }
            else
            {
                _unreadable = true;
            }
        }

        return _unreadable || _constraints.Count > 0;
    }

    /// <inheritdoc/>
    public bool Check(NodeInfo node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return !_unreadable && _constraints.TrueForAll(c => c.Matches(node.Node));
    }

    /// <inheritdoc/>
    public string Explain(int nodes) => NodeFilters.On("scheduling constraints not satisfied", nodes);
}
