// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Rpc;

/// <summary>The plain form of <see cref="ICallerIdentity"/>.</summary>
/// <param name="Role">The role.</param>
/// <param name="NodeId">The node's id; empty without certificate.</param>
/// <param name="Organization">The id of the cluster; empty without certificate.</param>
/// <param name="RemoteAddress">Where the call came from; empty if not known or local.</param>
/// <param name="IsLocal">Whether it came from this node itself.</param>
/// <param name="ForwardedBy">The id of the manager that forwarded the call; empty if nobody did.</param>
public sealed record CallerIdentity(
    CallerRole Role, string NodeId = "", string Organization = "", string RemoteAddress = "", bool IsLocal = false, string ForwardedBy = "")
    : ICallerIdentity
{
    /// <summary>A caller without certificate.</summary>
    public static CallerIdentity Anonymous { get; } = new(CallerRole.None);
}
