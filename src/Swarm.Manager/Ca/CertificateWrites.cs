// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;
using Swarm.Security;
using Swarm.Store;
using Issuance = Swarm.Api.IssuanceStatus.Types.State;

namespace Swarm.Manager;

/// <summary>The outcome of a signature, to be stored. Only the request that was signed is answered, and only once.</summary>
internal sealed record CertificateWrite(string NodeId, ByteString Request, NodeRole Role, ByteString Certificate, string Error)
{
    /// <summary>Does the write.</summary>
    public void Apply(IStoreTransaction transaction)
    {
        if (transaction.Get<Node>(NodeId) is { Certificate: { } before } node
            && CertificateWrites.WantsSignature(node)
            && before.Csr.Equals(Request)
            && before.Role == Role)
        {
            Certificate after = before.ShallowCopy();
            after.Certificate_ = Certificate;
            after.Status = new IssuanceStatus { State = Error.Length == 0 ? Issuance.Issued : Issuance.Failed, Err = Error };
            transaction.Update(node.WithCertificate(after));
        }
    }
}

/// <summary>What the certificate service writes when it is asked for a certificate, and the rules of states.</summary>
internal static class CertificateWrites
{
    /// <summary>Whether a node waits for a signature.</summary>
    public static bool WantsSignature(Node node) =>
        node.Certificate is { Csr.IsEmpty: false, Status.State: Issuance.Pending or Issuance.Renew };

    /// <summary>Whether a node's certificate will not change unless somebody asks.</summary>
    public static bool IsFinal(Node node) => node.Certificate?.Status?.State is Issuance.Issued or Issuance.Failed or Issuance.Rotate;

    /// <summary>Makes the object of a node that joins by token.</summary>
    /// <exception cref="SwarmException">The token is not one of the cluster's, or is the one of managers and they may not join.</exception>
    public static Node Join(IStoreTransaction transaction, IssueNodeCertificateRequest request, bool acceptManagers)
    {
        NodeRole role = RoleOf(transaction.All<Cluster>().FirstOrDefault(), request.Token);
        if (role == NodeRole.Manager && !acceptManagers)
        {
            throw new SwarmException(
                SwarmErrorCode.FailedPrecondition,
                "this cluster cannot have a second manager yet: join as a worker, with the worker token from "
                + "'swarmctl cluster inspect default'");
        }

        string id = transaction.Ids.NewId();
        var node = new Node
        {
            Id = id,
            Role = role,
            Spec = new NodeSpec
            {
                Annotations = new Annotations(),
                DesiredRole = role,
                Membership = NodeSpec.Types.Membership.Accepted,
                Availability = request.Availability,
            },
            Status = new NodeStatus { State = NodeStatus.Types.State.Unknown },
            Certificate = new Certificate
            {
                Role = role,
                Csr = request.Csr,
                Cn = id,
                Status = new IssuanceStatus { State = Issuance.Pending },
            },
        };
        transaction.Create(node);
        return node;
    }

    /// <summary>Notes that a member asks for a new certificate of its present role.</summary>
    /// <exception cref="SwarmException">There is no such member.</exception>
    public static Node Renew(IStoreTransaction transaction, string nodeId, ByteString request)
    {
        Node node = transaction.Get<Node>(nodeId)
            ?? throw new SwarmException(
                SwarmErrorCode.NotFound, $"node {nodeId} is not a member of this cluster (any more); join it again with a token");
        if (WantsSignature(node) && node.Certificate.Csr.Equals(request) && node.Certificate.Role == node.Role)
        {
            return node;
        }

        Node asked = node.WithCertificate(new Certificate
        {
            Role = node.Role,
            Csr = request,
            Cn = nodeId,
            Status = new IssuanceStatus { State = Issuance.Renew },
        });
        transaction.Update(asked);
        return asked;
    }

    private static NodeRole RoleOf(Cluster? cluster, string token)
    {
        RootCA root = cluster?.RootCa
            ?? throw new SwarmException(SwarmErrorCode.Unavailable, "the cluster is not set up yet; try again in a moment");
        JoinTokens tokens = root.JoinTokens ?? new JoinTokens();

        // Both are always compared, in constant time, so that the time taken says nothing.
        bool worker = tokens.Worker.Length > 0 & JoinToken.TextEquals(tokens.Worker, token);
        bool manager = tokens.Manager.Length > 0 & JoinToken.TextEquals(tokens.Manager, token);
        if (manager | worker)
        {
            return manager ? NodeRole.Manager : NodeRole.Worker;
        }

        JoinToken parsed = JoinToken.Parse(token);
        throw parsed.Matches(root.CaCert)
            ? new SwarmException(
                SwarmErrorCode.InvalidArgument,
                "A valid join token is necessary to join this cluster: this one was replaced; take the present one from "
                + "'swarmctl cluster inspect default'.")
            : new SwarmException(
                SwarmErrorCode.InvalidArgument,
                "A valid join token is necessary to join this cluster: this one belongs to another cluster; "
                + "check the address and the token.");
    }
}
