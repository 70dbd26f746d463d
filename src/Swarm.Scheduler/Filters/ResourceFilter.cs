// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>Passes nodes with as much processor, memory and generic resources free as the task reserves.
/// Limits are not looked at.</summary>
public sealed class ResourceFilter : INodeFilter
{
    private long _nanoCpus;
    private long _memoryBytes;
    private IReadOnlyList<(string Kind, Int128 Count)> _generic = [];

    /// <inheritdoc/>
    public string Name => "resource";

    /// <inheritdoc/>
    public PlacementReason Reason => PlacementReason.InsufficientResources;

    /// <inheritdoc/>
    public NodeAspects DependsOn => NodeAspects.Capacity;

    /// <inheritdoc/>
    public bool SetTask(Api.Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        _nanoCpus = TaskDemands.NanoCpus(task);
        _memoryBytes = TaskDemands.MemoryBytes(task);
        _generic = TaskDemands.Generic(task);
        return _nanoCpus > 0 || _memoryBytes > 0 || _generic.Count > 0;
    }

    /// <inheritdoc/>
    public bool Check(NodeInfo node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if ((_nanoCpus > 0 && node.FreeNanoCpus < _nanoCpus) || (_memoryBytes > 0 && node.FreeMemoryBytes < _memoryBytes))
        {
            return false;
        }

        foreach ((string kind, Int128 count) in _generic)
        {
            if (node.FreeGenericResource(kind) < count)
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public string Explain(int nodes) => NodeFilters.On("insufficient resources", nodes);
}
