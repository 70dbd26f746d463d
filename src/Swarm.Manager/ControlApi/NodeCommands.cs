// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;
using Swarm.Manager.ControlApi.Validation;
using Swarm.Security;
using Swarm.Store;

namespace Swarm.Manager.ControlApi;

/// <summary>What happens to a node on request, within one atom.</summary>
internal static class NodeCommands
{
    /// <summary>Refuses a change of role that this version cannot do.</summary>
    /// <param name="state">The store.</param>
    /// <param name="stored">The node.</param>
    /// <param name="wanted">The role it should have.</param>
    public static void CheckRole(IStoreReader state, Node stored, NodeRole wanted)
    {
        NodeRole before = stored.Spec?.DesiredRole ?? NodeRole.Worker;
        if (before == NodeRole.Manager && wanted == NodeRole.Worker)
        {
            bool others = state.All<Node>().Any(n => n.Id != stored.Id && n.Spec?.DesiredRole == NodeRole.Manager);
            ControlRules.NodeLastManager.Require(others);
            throw ControlRules.NodeDemoteLater.Refusal();
        }

        ControlRules.NodePromoteLater.Require(before == wanted);
    }

    /// <summary>Removes a node and refuses its certificate from now on.</summary>
    /// <param name="tx">The atom.</param>
    /// <param name="node">The node.</param>
    /// <param name="force">Whether it may be READY.</param>
    /// <param name="issuer">Reads the node's certificate.</param>
    public static void Remove(IStoreTransaction tx, Node node, bool force, ICertificateIssuer issuer)
    {
        ControlRules.NodeRemoveManager.Require(node.Spec?.DesiredRole != NodeRole.Manager && node.Role != NodeRole.Manager, node.Id);
        ControlRules.NodeRemoveReady.Require(force || node.Status?.State != NodeStatus.Types.State.Ready, node.Id);
        Blacklist(tx, node, issuer);

        // Its tasks are given up by a controller that sees this: all of them may be more than a log entry takes.
        tx.Remove<Node>(node.Id);
    }

    private static void Blacklist(IStoreTransaction tx, Node node, ICertificateIssuer issuer)
    {
        Cluster? cluster = tx.All<Cluster>().FirstOrDefault();
        if (cluster is null)
        {
            return;
        }

        // A controller takes it off the list again some time after it expired.
        var entries = new SortedDictionary<string, BlacklistedCertificate>(cluster.BlacklistedCertificates, StringComparer.Ordinal);
        TimeSpan life = cluster.Spec?.CaConfig?.NodeCertExpiry.OrDefault(SwarmDefaults.NodeCertificateExpiry)
            ?? SwarmDefaults.NodeCertificateExpiry;
        DateTimeOffset expiry = NotAfter(node, cluster, issuer) ?? Later(tx.Now.ToDateTimeOffset(), life);
        entries[node.Id] = new BlacklistedCertificate { Expiry = Timestamp.FromDateTimeOffset(expiry) };
        tx.Update(cluster.WithBlacklistedCertificates(entries));
    }

    private static DateTimeOffset Later(DateTimeOffset time, TimeSpan span) =>
        span > DateTimeOffset.MaxValue - time ? DateTimeOffset.MaxValue : time + span;

    private static DateTimeOffset? NotAfter(Node node, Cluster cluster, ICertificateIssuer issuer)
    {
        if (node.Certificate is not { Certificate_.IsEmpty: false } stored)
        {
            return null;
        }

        try
        {
            return issuer.Read(stored.Certificate_, cluster.RootCa?.CaCert ?? ByteString.Empty).NotAfter;
        }
        catch (SwarmException)
        {
            // What is stored is no certificate that anybody could present; the usual life covers it.
            return null;
        }
    }
}
