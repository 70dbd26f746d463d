// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Rpc;

/// <summary>Who called. If a manager forwarded the call, this is the node that made it, not the manager. Immutable.</summary>
public interface ICallerIdentity
{
    /// <summary>The role.</summary>
    CallerRole Role { get; }

    /// <summary>The node's id; empty without certificate.</summary>
    string NodeId { get; }

    /// <summary>The id of the cluster; empty without certificate.</summary>
    string Organization { get; }

    /// <summary>Where the call came from, IP:PORT (or a host name in memory); empty if not known or local.</summary>
    string RemoteAddress { get; }

    /// <summary>Whether the call came over the control socket or from inside the process; the identity is then this node's own.</summary>
    bool IsLocal { get; }

    /// <summary>The id of the manager that forwarded the call; empty if nobody did.</summary>
    string ForwardedBy { get; }
}
