// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>The filters that come with this package.</summary>
public static class NodeFilters
{
    /// <summary>
    /// New instances of all filters, in the order in which they are asked: resources, plugins, constraints, platform, host ports,
    /// replicas per node. Readiness is not among them, for it is always asked first.
    /// </summary>
    /// <returns>The filters; a host program may add its own.</returns>
    public static IReadOnlyList<INodeFilter> Default() =>
    [
        new ResourceFilter(), new PluginFilter(), new ConstraintFilter(),
        new PlatformFilter(), new HostPortFilter(), new MaxReplicasFilter(),
    ];

    internal static string On(string what, int nodes) => nodes == 1 ? what + " on 1 node" : $"{what} on {nodes} nodes";
}
