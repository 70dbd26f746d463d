// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>Passes nodes that are READY and ACTIVE.</summary>
public sealed class ReadyFilter : INodeFilter
{
    /// <inheritdoc/>
    public string Name => "ready";

    /// <inheritdoc/>
    public PlacementReason Reason => PlacementReason.NodeNotReady;

    /// <inheritdoc/>
    public NodeAspects DependsOn => NodeAspects.Readiness;

    /// <inheritdoc/>
    public bool SetTask(Api.Task task) => true;

    /// <inheritdoc/>
    public bool Check(NodeInfo node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.IsReady;
    }

    /// <inheritdoc/>
    public string Explain(int nodes) => nodes == 1 ? "1 node not available for new tasks" : $"{nodes} nodes not available for new tasks";
}
