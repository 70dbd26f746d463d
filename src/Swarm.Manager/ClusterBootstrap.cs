// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;
using Swarm.Security;
using Swarm.Store;

namespace Swarm.Manager;

/// <summary>
/// What the first manager of a cluster brings along: the authority, the join tokens and its own identity. When it begins to lead it
/// writes them to the store, unless they are there. Immutable and thread-safe. Holds secrets.
/// </summary>
public sealed class ClusterBootstrap
{
    /// <summary>Makes one from its parts.</summary>
    /// <param name="clusterId">The id of the cluster, which is the organization of its certificates.</param>
    /// <param name="ca">The authority, with its key.</param>
    /// <param name="workerToken">With which workers join.</param>
    /// <param name="managerToken">With which managers join.</param>
    /// <param name="node">The certificate of this manager's node.</param>
    /// <exception cref="ArgumentException">A part does not fit the others.</exception>
    public ClusterBootstrap(string clusterId, ClusterCa ca, JoinToken workerToken, JoinToken managerToken, NodeCredentials node)
    {
        ArgumentException.ThrowIfNullOrEmpty(clusterId);
        ArgumentNullException.ThrowIfNull(ca);
        ArgumentNullException.ThrowIfNull(workerToken);
        ArgumentNullException.ThrowIfNull(managerToken);
        ArgumentNullException.ThrowIfNull(node);
        if (node.Organization != clusterId || node.Role != NodeRole.Manager)
        {
            throw new ArgumentException($"The node's certificate must be a manager's of cluster {clusterId}.", nameof(node));
        }

        if (!workerToken.Matches(ca.CertificatePem) || !managerToken.Matches(ca.CertificatePem))
        {
            throw new ArgumentException("The join tokens must name the root certificate of the authority.", nameof(workerToken));
        }

        ClusterId = clusterId;
        Ca = ca;
        WorkerToken = workerToken;
        ManagerToken = managerToken;
        Node = node;
    }

    /// <summary>The id of the cluster.</summary>
    public string ClusterId { get; }

    /// <summary>The authority.</summary>
    public ClusterCa Ca { get; }

    /// <summary>With which workers join, unless the store holds another.</summary>
    public JoinToken WorkerToken { get; }

    /// <summary>With which managers join, unless the store holds another.</summary>
    public JoinToken ManagerToken { get; }

    /// <summary>This manager's own certificate.</summary>
    public NodeCredentials Node { get; }

    /// <summary>Defaults that the cluster's spec starts with; a host program may change it before the manager starts.</summary>
    public static ClusterSpec DefaultSpec => new()
    {
        Annotations = new Annotations { Name = SwarmDefaults.ClusterName },
        Orchestration = new OrchestrationConfig { TaskHistoryRetentionLimit = SwarmDefaults.TaskHistoryRetentionLimit },
        Raft = new RaftConfig
        {
            SnapshotInterval = 10_000,
            KeepOldSnapshots = 0,
            LogEntriesForSlowFollowers = 500,
            HeartbeatTick = 1,
            ElectionTick = 10,
        },
        Dispatcher = new DispatcherConfig { HeartbeatPeriod = Duration.FromTimeSpan(SwarmDefaults.HeartbeatPeriod) },
        CaConfig = new CAConfig { NodeCertExpiry = Duration.FromTimeSpan(SwarmDefaults.NodeCertificateExpiry) },
        TaskDefaults = new TaskDefaults(),
        EncryptionConfig = new EncryptionConfig(),
    };

    /// <summary>What the cluster's spec starts with; by default <see cref="DefaultSpec"/>.</summary>
    public ClusterSpec Spec { get; init; } = DefaultSpec;

    /// <summary>Whether this manager's node runs tasks at first. Default: it does.</summary>
    public NodeSpec.Types.Availability Availability { get; init; } = NodeSpec.Types.Availability.Active;

    /// <summary>Makes a new cluster with a first manager.</summary>
    /// <param name="issuer">Makes keys and certificates.</param>
    /// <param name="ids">For the ids of cluster and node.</param>
    /// <param name="time">The clock.</param>
    /// <returns>All a first manager needs.</returns>
    public static ClusterBootstrap Create(ICertificateIssuer issuer, IIdSource ids, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(time);
        DateTimeOffset now = time.GetUtcNow();
        ClusterCa ca = ClusterCa.Create(issuer, now);
        string clusterId = ids.NewId();
        NodeCredentials node = ca.IssueCredentials(ids.NewId(), NodeRole.Manager, clusterId, SwarmDefaults.NodeCertificateExpiry, now);
        return new ClusterBootstrap(clusterId, ca, ca.CreateToken(), ca.CreateToken(), node);
    }

    internal void WriteTo(IStoreTransaction transaction)
    {
        if (!transaction.All<Cluster>().Any())
        {
            transaction.Create(NewCluster());
        }

        if (transaction.Get<Node>(Node.NodeId) is null)
        {
            transaction.Create(NewNode());
        }
    }

    private Cluster NewCluster() => new()
    {
        Id = ClusterId,
        Spec = Spec,
        RootCa = new RootCA
        {
            CaKey = Ca.KeyPem,
            CaCert = Ca.CertificatePem,
            CaCertHash = Ca.Digest,
            JoinTokens = new JoinTokens { Worker = WorkerToken.Text, Manager = ManagerToken.Text },
        },
        DefaultAddressPool = { "10.0.0.0/8" },
        SubnetSize = 24,
        VXLANUDPPort = 4789,
    };

    private Node NewNode() => new()
    {
        Id = Node.NodeId,
        Role = NodeRole.Manager,
        Spec = new NodeSpec
        {
            Annotations = new Annotations(),
            DesiredRole = NodeRole.Manager,
            Membership = NodeSpec.Types.Membership.Accepted,
            Availability = Availability,
        },
        Status = new NodeStatus { State = NodeStatus.Types.State.Unknown },
        Certificate = new Certificate
        {
            Role = NodeRole.Manager,
            Cn = Node.NodeId,
            Certificate_ = Node.Pair.CertificatePem,
            Status = new IssuanceStatus { State = IssuanceStatus.Types.State.Issued },
        },
    };
}
