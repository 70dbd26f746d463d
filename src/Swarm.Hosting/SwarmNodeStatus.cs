// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Hosting;

/// <summary>How a <see cref="SwarmNode"/> is at one moment.</summary>
/// <param name="Phase">The part of its life.</param>
/// <param name="NodeId">Its id; empty before it has one.</param>
/// <param name="ClusterId">The id of its cluster; empty before it is known.</param>
/// <param name="Role">The role of its certificate.</param>
/// <param name="SessionManager">Address of the manager with which its agent has a session; empty without a session.</param>
/// <param name="HasManager">Whether it runs the manager side.</param>
/// <param name="HasLeader">Whether its manager side leads, or knows who does; false on a worker.</param>
/// <param name="Problem">Why it has no session, in one line; empty if it has one, or has not tried yet.</param>
public sealed record SwarmNodeStatus(
    SwarmNodePhase Phase, string NodeId, string ClusterId, NodeRole Role, string SessionManager, bool HasManager, bool HasLeader, string Problem)
{
    /// <summary>Whether the node takes tasks and orders: it runs, has a session, and a manager's cluster has a leader.</summary>
    public bool IsReady => Phase == SwarmNodePhase.Running && SessionManager.Length > 0 && (HasLeader || !HasManager);
}
