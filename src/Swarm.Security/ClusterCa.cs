// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Security;

/// <summary>
/// The certificate authority of a cluster: a root certificate, its key, and what is made with them. Immutable and thread-safe.
/// </summary>
public sealed class ClusterCa
{
    /// <summary>How far the start of a certificate lies back, so that clocks may differ.</summary>
    public static readonly TimeSpan Backdate = TimeSpan.FromHours(1);

    private readonly ICertificateIssuer _issuer;
    private readonly CertificateKeyPair _root;

    /// <summary>Opens an existing authority.</summary>
    /// <param name="issuer">Makes keys and signatures.</param>
    /// <param name="root">The root certificate and its key.</param>
    /// <exception cref="SwarmException">FailedPrecondition: the key is not the certificate's.</exception>
    public ClusterCa(ICertificateIssuer issuer, CertificateKeyPair root)
    {
        if (!issuer.IsKeyOf(root.CertificatePem, root.KeyPem))
        {
            throw new SwarmException(SwarmErrorCode.FailedPrecondition,
                "the root key does not belong to the root certificate: give the pair that was made together");
        }

        _issuer = issuer;
        _root = root;
        Digest = DigestOf(root.CertificatePem);
    }

    /// <summary>The root certificate in PEM, exactly as it is served to joining nodes.</summary>
    public ByteString CertificatePem => _root.CertificatePem;

    /// <summary>The key of the root in PEM. A secret.</summary>
    public ByteString KeyPem => _root.KeyPem;

    /// <summary>SHA-256 of the PEM bytes, as <c>sha256:HEX</c>.</summary>
    public string Digest { get; }

    /// <summary>Makes a new authority.</summary>
    /// <param name="issuer">Makes keys and signatures.</param>
    /// <param name="now">The time now.</param>
    /// <returns>The authority, good for 20 years.</returns>
    public static ClusterCa Create(ICertificateIssuer issuer, DateTimeOffset now) => new(issuer, issuer.CreateRoot(now));

    /// <summary>The digest of a root as cluster objects hold it.</summary>
    /// <param name="rootPem">The exact PEM bytes.</param>
    /// <returns><c>sha256:</c> and 64 hexadecimal digits.</returns>
    public static string DigestOf(ByteString rootPem) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(rootPem.Span));

    /// <summary>Makes a join token with a new secret; rotating a token is making another.</summary>
    /// <returns>The token.</returns>
    public JoinToken CreateToken() => JoinToken.Create(CertificatePem, _issuer.CreateTokenSecret());

    /// <summary>Signs a node certificate.</summary>
    /// <param name="requestPem">The node's certificate request.</param>
    /// <param name="nodeId">The node's id.</param>
    /// <param name="role">Its role.</param>
    /// <param name="organization">The id of the cluster.</param>
    /// <param name="validity">How long it is valid from now; at least <see cref="SwarmDefaults.NodeCertificateExpiryMin"/>, shorter is
    /// raised to that.</param>
    /// <param name="now">The time now; validity starts <see cref="Backdate"/> before it.</param>
    /// <returns>The certificate in PEM.</returns>
    /// <exception cref="SwarmException">InvalidArgument: the request is bad.</exception>
    public ByteString IssueNodeCertificate(
        ByteString requestPem, string nodeId, NodeRole role, string organization, TimeSpan validity, DateTimeOffset now)
    {
        ArgumentException.ThrowIfNullOrEmpty(nodeId);
        ArgumentException.ThrowIfNullOrEmpty(organization);
        TimeSpan life = validity < SwarmDefaults.NodeCertificateExpiryMin ? SwarmDefaults.NodeCertificateExpiryMin : validity;
        return _issuer.Issue(_root, new NodeCertificateTemplate(requestPem, nodeId, role, organization, now - Backdate, now + life));
    }

    /// <summary>Makes a key and a certificate for this process's own node, as the first manager of a cluster does for itself.</summary>
    /// <param name="nodeId">The node's id.</param>
    /// <param name="role">Its role.</param>
    /// <param name="organization">The id of the cluster.</param>
    /// <param name="validity">How long it is valid from now.</param>
    /// <param name="now">The time now.</param>
    /// <returns>The credentials.</returns>
    public NodeCredentials IssueCredentials(string nodeId, NodeRole role, string organization, TimeSpan validity, DateTimeOffset now)
    {
        CertificateKeyPair request = _issuer.CreateRequest();
        ByteString certificate = IssueNodeCertificate(request.CertificatePem, nodeId, role, organization, validity, now);
        return NodeCredentials.Create(_issuer, new CertificateKeyPair(certificate, request.KeyPem), CertificatePem);
    }
}
