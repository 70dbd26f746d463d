// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Security;

/// <summary>
/// Real keys and certificates: ECDSA over P-256 with SHA-256, randomness from the operating system. Roots and certificates
/// have the form SwarmKit gives them, so that nodes of either kind trust each other. Thread-safe.
/// </summary>
public sealed class OperatingSystemCertificateIssuer : ICertificateIssuer
{
    private const int RootYears = 20;
    private const int SerialBytes = 16;
    private const int RequestSizeMax = 16 * 1024;
    private const int RsaBitsMin = 2048;

    /// <summary>The one instance that is needed; it holds nothing.</summary>
    public static OperatingSystemCertificateIssuer Instance { get; } = new();

    /// <inheritdoc/>
    public CertificateKeyPair CreateRoot(DateTimeOffset now)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(SwarmRoleNames.CertificateAuthority);
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        DateTimeOffset from = WholeSeconds(now - ClusterCa.Backdate);
        using X509Certificate2 root = request.Create(
            request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), from, WholeSeconds(now).AddYears(RootYears), NewSerial());
        return new CertificateKeyPair(ToPem(root.ExportCertificatePem()), ToPem(key.ExportPkcs8PrivateKeyPem()));
    }

    /// <inheritdoc/>
    public CertificateKeyPair CreateRequest()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedNameBuilder().Build(), key, HashAlgorithmName.SHA256);
        return new CertificateKeyPair(ToPem(request.CreateSigningRequestPem()), ToPem(key.ExportPkcs8PrivateKeyPem()));
    }

    /// <inheritdoc/>
    public void CheckRequest(ByteString requestPem) => _ = OpenRequest(requestPem);

    /// <inheritdoc/>
    public ByteString Issue(CertificateKeyPair root, NodeCertificateTemplate request)
    {
        PublicKey key = OpenRequest(request.RequestPem).PublicKey;
        using X509Certificate2 issuer = PemCertificates.Read(root.CertificatePem, "root certificate")[0];
        string unit = SwarmRoleNames.OrganizationalUnit(request.Role);
        var name = new X500DistinguishedNameBuilder();

        // The builder writes in reverse: the encoded order becomes O, OU, CN.
        name.AddCommonName(request.NodeId);
        name.AddOrganizationalUnitName(unit);
        name.AddOrganizationName(request.Organization);
        var certificate = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        AddExtensions(certificate, issuer, unit, request);

        // A node certificate that outlives its root would be refused anyway, with a worse message.
        DateTimeOffset rootEnd = issuer.NotAfter.ToUniversalTime();
        DateTimeOffset to = WholeSeconds(request.NotAfter < rootEnd ? request.NotAfter : rootEnd);
        using AsymmetricAlgorithm signer = OpenKey(root.KeyPem);
        using X509Certificate2 signed = certificate.Create(
            issuer.SubjectName, Generator(signer), WholeSeconds(request.NotBefore), to, NewSerial());
        return CertificateSignature.Verify(signed, issuer)
            ? ToPem(signed.ExportCertificatePem())
            : throw new SwarmException(SwarmErrorCode.FailedPrecondition, "the root key does not belong to the root certificate");
    }

    /// <inheritdoc/>
    public NodeCertificateInfo Read(ByteString certificatePem, ByteString rootPem)
    {
        using X509Certificate2 certificate = PemCertificates.Read(certificatePem, "node certificate")[0];
        CertificateSubject subject = CertificateSubject.Read(certificate);
        if (!SwarmRoleNames.TryParse(subject.OrganizationalUnit, out NodeRole role) || subject.CommonName.Length == 0
            || subject.Organization.Length == 0)
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument,
                "this is no certificate of a cluster node: "
                + "its subject must have O (cluster), OU (swarm-manager or swarm-worker) and CN (node)");
        }

        var issuerKey = ByteString.Empty;
        foreach (X509Certificate2 root in PemCertificates.Read(rootPem, "root certificate"))
        {
            using (root)
            {
                if (issuerKey.IsEmpty && CertificateSignature.Verify(certificate, root))
                {
                    issuerKey = ByteString.CopyFrom(root.PublicKey.ExportSubjectPublicKeyInfo());
                }
            }
        }

        return new NodeCertificateInfo(subject.CommonName, role, subject.Organization, certificate.NotBefore.ToUniversalTime(),
            certificate.NotAfter.ToUniversalTime(), ByteString.CopyFrom(certificate.IssuerName.RawData), issuerKey);
    }

    /// <inheritdoc/>
    public void Verify(ByteString certificatePem, ByteString rootPem, DateTimeOffset now)
    {
        IReadOnlyList<X509Certificate2> chain = PemCertificates.Read(certificatePem, "node certificate");
        IReadOnlyList<X509Certificate2> roots = PemCertificates.Read(rootPem, "root certificate");
        CertificatePathResult result = CertificatePathValidator.Validate(
            chain[0], [.. chain.Skip(1)], roots, CertificatePurpose.Client, now);
        foreach (X509Certificate2 certificate in chain.Concat(roots))
        {
            certificate.Dispose();
        }

        if (!result.IsValid)
        {
            throw new SwarmException(SwarmErrorCode.Unauthenticated, $"the node's certificate is not to be trusted: {result.Problem}");
        }
    }

    /// <inheritdoc/>
    public bool IsKeyOf(ByteString certificatePem, ByteString keyPem)
    {
        try
        {
            using X509Certificate2 certificate = PemCertificates.Read(certificatePem)[0];
            using AsymmetricAlgorithm key = OpenKey(keyPem);
            return certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo());
        }
        catch (SwarmException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public byte[] CreateTokenSecret() => RandomBytes(JoinToken.SecretBytes);

    private static void AddExtensions(CertificateRequest certificate, X509Certificate2 issuer, string unit, NodeCertificateTemplate request)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(unit);
        names.AddDnsName(request.NodeId);
        if (request.Role == NodeRole.Manager)
        {
            names.AddDnsName(SwarmRoleNames.CertificateAuthority);
        }

        var usages = new OidCollection { new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2") };
        var extensions = certificate.CertificateExtensions;
        extensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, critical: true));
        extensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        extensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        extensions.Add(new X509SubjectKeyIdentifierExtension(certificate.PublicKey, critical: false));
        if (issuer.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Any())
        {
            extensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        }

        extensions.Add(names.Build());
    }

    private static CertificateRequest OpenRequest(ByteString pem)
    {
        if (pem.Length > RequestSizeMax)
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument, $"the certificate request is larger than {RequestSizeMax} bytes");
        }

        try
        {
            CertificateRequest request = CertificateRequest.LoadSigningRequestPem(
                Encoding.UTF8.GetString(pem.Span), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.Default,
                RSASignaturePadding.Pkcs1);
            CheckStrength(request.PublicKey);
            return request;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or FormatException or NotSupportedException)
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument, $"the certificate request is not valid: {e.Message}", e);
        }
    }

    private static void CheckStrength(PublicKey key)
    {
        using ECDsa? elliptic = key.GetECDsaPublicKey();
        using RSA? rsa = key.GetRSAPublicKey();
        if (elliptic is not { KeySize: >= 256 } && rsa is not { KeySize: >= RsaBitsMin })
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument,
                $"the certificate request is not valid: the key must be elliptic of at least 256 bits or RSA of at least {RsaBitsMin}");
        }
    }

    private static AsymmetricAlgorithm OpenKey(ByteString pem)
    {
        string text = Encoding.UTF8.GetString(pem.Span);
        return TryImport(ECDsa.Create(), text) ?? TryImport(RSA.Create(), text)
            ?? throw new SwarmException(SwarmErrorCode.InvalidArgument, "this is no private key in PEM that can be used here");
    }

    // The message of the cause is dropped on purpose: nothing of a key may reach a log.
    private static AsymmetricAlgorithm? TryImport(AsymmetricAlgorithm key, string pem)
    {
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            key.Dispose();
            return null;
        }
    }

    private static X509SignatureGenerator Generator(AsymmetricAlgorithm key) => key is RSA rsa
        ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
        : X509SignatureGenerator.CreateForECDsa((ECDsa)key);

    private static byte[] NewSerial()
    {
        // Positive and never zero.
        byte[] serial = RandomBytes(SerialBytes);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        return serial;
    }

#pragma warning disable RS0030 // This is the shell behind which keys, tokens and serial numbers are made.
    private static byte[] RandomBytes(int count) => RandomNumberGenerator.GetBytes(count);
#pragma warning restore RS0030

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    private static ByteString ToPem(string pem) => ByteString.CopyFromUtf8(pem.EndsWith('\n') ? pem : pem + "\n");
}
