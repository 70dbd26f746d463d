// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Swarm.Agent;
using Swarm.Core;
using Swarm.Manager;
using Swarm.Runtime;
using Swarm.Security;
using Swarm.Store;

namespace Swarm.Hosting;

/// <summary>
/// What a <see cref="SwarmNode"/> is built from. Each part has a default for real use except the executors and the two stores; a simulation
/// replaces time, transport, certificates and randomness.
/// </summary>
public sealed class SwarmNodeParts
{
    /// <summary>What runs tasks here; a task goes to the first that can run it.</summary>
    public required IReadOnlyList<IExecutor> Executors { get; init; }

    /// <summary>Where the node keeps who it is.</summary>
    public required INodeIdentityStore Identity { get; init; }

    /// <summary>Where the agent keeps its tasks. The node disposes it when it stops.</summary>
    public required ITaskStateStore Tasks { get; init; }

    /// <summary>How the node reaches others. Default: gRPC over mutual TLS.</summary>
    public INodeTransport Transport { get; init; } = new KestrelNodeTransport();

    /// <summary>Makes keys and certificates. Default: with the operating system's randomness.</summary>
    public ICertificateIssuer Issuer { get; init; } = new OperatingSystemCertificateIssuer();

    /// <summary>Mailboxes and the clock. Default: the thread pool and the system's clock.</summary>
    public IMailboxFactory Mailboxes { get; init; } = new ThreadPoolMailboxFactory();

    /// <summary>Ids of nodes, services, tasks. Default: from the operating system's randomness.</summary>
    public IIdSource Ids { get; init; } = SystemIdSource.Instance;

    /// <summary>Decides what is left to chance (waits, jitter, choice of managers). Default: the time at which this was made.</summary>
    public ulong Seed { get; init; } = unchecked((ulong)TimeProvider.System.GetTimestamp());

    /// <summary>Makes the log to which a manager writes, given a mailbox of its own. Default: a log in the memory of the process.</summary>
    public Func<Mailbox, IProposer>? Proposer { get; init; }

    /// <summary>Settings of the manager side; the address to advertise is filled in by the node.</summary>
    public SwarmManagerOptions Manager { get; init; } = new();

    /// <summary>Settings of the worker side; node id, hostname and labels are filled in by the node.</summary>
    public SwarmAgentOptions Agent { get; init; } = new();

    /// <summary>Says where managers are, besides <see cref="SwarmNodeOptions.JoinAddress"/>. Default: nobody.</summary>
    public IManagerDiscovery? Discovery { get; init; }

    /// <summary>Gives the token to join with when <see cref="SwarmNodeOptions.JoinToken"/> is empty, in a declared cluster. Default: nobody.</summary>
    public IJoinTokenProvider? JoinTokens { get; init; }

    /// <summary>Takes the token with which others join, on the node that makes a declared cluster. Default: nobody.</summary>
    public IJoinTokenPublisher? TokenPublisher { get; init; }

    /// <summary>Makes the meter of the node's metrics. Default: a meter of its own.</summary>
    public IMeterFactory? Meters { get; init; }

    /// <summary>Where to log. Default: nowhere.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
