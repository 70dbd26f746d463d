// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
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
    /// <summary>Time until the node's certificate expires; negative once it has, null before there is one.</summary>
    public TimeSpan? CertificateRemaining { get; init; }

    /// <summary>The whole life of the node's certificate; zero before there is one.</summary>
    public TimeSpan CertificateLife { get; init; }

    /// <summary>Why the last renewal of the certificate failed, in one line; empty if it did not.</summary>
    public string CertificateProblem { get; init; } = "";

    /// <summary>
    /// The executors that were asked what they can run here, by name, each with why it could not say, such as an engine that does not answer; empty
    /// if it could.
    /// </summary>
    public IReadOnlyDictionary<string, string> Executors { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Whether the node takes tasks and orders: it runs, has a session, and a manager's cluster has a leader.</summary>
    public bool IsReady => Phase == SwarmNodePhase.Running && SessionManager.Length > 0 && (HasLeader || !HasManager);
}
