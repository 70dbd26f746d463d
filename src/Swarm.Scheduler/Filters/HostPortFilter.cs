// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Scheduler;

/// <summary>Passes nodes where no task holds a port that the task publishes on its host.</summary>
public sealed class HostPortFilter : INodeFilter
{
    private readonly List<(PortConfig.Types.Protocol Protocol, uint Port)> _ports = [];

    /// <inheritdoc/>
    public string Name => "host-port";

    /// <inheritdoc/>
    public PlacementReason Reason => PlacementReason.HostPortInUse;

    /// <inheritdoc/>
    public NodeAspects DependsOn => NodeAspects.HostPorts;

    /// <inheritdoc/>
    public bool SetTask(Api.Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        _ports.Clear();
        _ports.AddRange(TaskDemands.HostPorts(task));
        return _ports.Count > 0;
    }

    /// <inheritdoc/>
    public bool Check(NodeInfo node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return !_ports.Exists(p => node.IsHostPortTaken(p.Protocol, p.Port));
    }

    /// <inheritdoc/>
    public string Explain(int nodes) => NodeFilters.On("host-mode port already in use", nodes);
}
