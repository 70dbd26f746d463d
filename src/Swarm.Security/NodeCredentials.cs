// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Security;

/// <summary>
/// Who a node is and how it proves it: its certificate, the key, and the root it trusts. Immutable; a renewal makes another.
/// Its text form never shows the key.
/// </summary>
public sealed class NodeCredentials
{
    private NodeCredentials(CertificateKeyPair pair, ByteString rootPem, NodeCertificateInfo info)
    {
        Pair = pair;
        RootPem = rootPem;
        Info = info;
    }

    /// <summary>The certificate and its key.</summary>
    public CertificateKeyPair Pair { get; }

    /// <summary>The root certificate(s) this node trusts, in PEM.</summary>
    public ByteString RootPem { get; }

    /// <summary>What the certificate says.</summary>
    public NodeCertificateInfo Info { get; }

    /// <summary>The node's id.</summary>
    public string NodeId => Info.NodeId;

    /// <summary>The id of the cluster.</summary>
    public string Organization => Info.Organization;

    /// <summary>The role the certificate grants.</summary>
    public NodeRole Role => Info.Role;

    /// <summary>Start of validity.</summary>
    public DateTimeOffset NotBefore => Info.NotBefore;

    /// <summary>End of validity.</summary>
    public DateTimeOffset NotAfter => Info.NotAfter;

    /// <summary>What a node tells managers about its certificate, so that they can watch a change of root.</summary>
    public NodeTLSInfo TlsInfo => new()
    {
        TrustRoot = RootPem,
        CertIssuerSubject = Info.IssuerSubject,
        CertIssuerPublicKey = Info.IssuerPublicKey,
    };

    /// <summary>Makes credentials from their parts. Trust is not checked: see <see cref="ICertificateIssuer.Verify"/>.</summary>
    /// <param name="issuer">Reads the certificate.</param>
    /// <param name="pair">The certificate and its key.</param>
    /// <param name="rootPem">The root certificate(s) to trust.</param>
    /// <returns>The credentials.</returns>
    /// <exception cref="SwarmException">InvalidArgument: not a node certificate, or the key does not belong to it.</exception>
    public static NodeCredentials Create(ICertificateIssuer issuer, CertificateKeyPair pair, ByteString rootPem)
    {
        NodeCertificateInfo info = issuer.Read(pair.CertificatePem, rootPem);
        if (!issuer.IsKeyOf(pair.CertificatePem, pair.KeyPem))
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument, "the private key does not belong to the node's certificate");
        }

        return new NodeCredentials(pair, rootPem, info);
    }

    /// <summary>The same certificate with other roots to trust.</summary>
    /// <param name="issuer">Reads the certificate.</param>
    /// <param name="rootPem">The roots.</param>
    /// <returns>The new credentials.</returns>
    public NodeCredentials WithRoot(ICertificateIssuer issuer, ByteString rootPem) => Create(issuer, Pair, rootPem);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{SwarmRoleNames.OrganizationalUnit(Role)} {NodeId} of cluster {Organization}, valid until {NotAfter:u}";
}
