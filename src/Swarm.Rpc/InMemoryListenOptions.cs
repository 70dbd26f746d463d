// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Rpc;

/// <summary>How a listener on an <see cref="InMemoryNetwork"/> treats its callers.</summary>
public sealed class InMemoryListenOptions
{
    /// <summary>
    /// Whether this stands for a control socket: only callers of the same host reach it, and they count as the node itself. Default
    /// false.
    /// </summary>
    public bool IsLocal { get; set; }

    /// <summary>Whether a node was removed from the cluster. Default: none was.</summary>
    public Func<string, bool> IsBlacklisted { get; set; } = static _ => false;

    /// <summary>
    /// Which callers a method takes. Default: <see cref="MethodRoles.Of"/>, which knows the methods of the contracts; give your own
    /// to serve others.
    /// </summary>
    public Func<string, AllowedCallers> Roles { get; set; } = MethodRoles.Of;
}
