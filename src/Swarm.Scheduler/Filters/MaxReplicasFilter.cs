// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>Passes nodes that have fewer active tasks of the service than it allows on one node.</summary>
public sealed class MaxReplicasFilter : INodeFilter
{
    private string _serviceId = "";
    private ulong _most;

    /// <inheritdoc/>
    public string Name => "max-replicas";

    /// <inheritdoc/>
    public PlacementReason Reason => PlacementReason.MaxReplicasReached;

    /// <inheritdoc/>
    public NodeAspects DependsOn => NodeAspects.ServiceTasks;

    /// <inheritdoc/>
    public bool SetTask(Api.Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        _serviceId = task.ServiceId;
        _most = task.Spec?.Placement?.MaxReplicas ?? 0;
        return _most > 0 && _serviceId.Length > 0;
    }

    /// <inheritdoc/>
    public bool Check(NodeInfo node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return (ulong)node.ActiveTasksOf(_serviceId) < _most;
    }

    /// <inheritdoc/>
    public string Explain(int nodes) => NodeFilters.On("max replicas per node limit exceed", nodes);
}
