// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Security.Tests;

public class ClusterCaTests
{
    private static readonly ICertificateIssuer Issuer = OperatingSystemCertificateIssuer.Instance;
    private readonly ClusterCa _ca = ClusterCa.Create(Issuer, TestTime.Now);

    [Fact]
    public void Create_Root_HasTheFormOfSwarmKit()
    {
        using X509Certificate2 root = PemCertificates.Read(_ca.CertificatePem)[0];
        Assert.Equal("CN=swarm-ca", root.Subject);
        Assert.Equal(TestTime.Now.AddYears(20).UtcDateTime, root.NotAfter.ToUniversalTime());
        Assert.Equal("1.2.840.10045.3.1.7", ECCurveOf(root));
        var usage = root.Extensions.OfType<X509KeyUsageExtension>().Single();
        Assert.True(usage.Critical && usage.KeyUsages == (X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign));
        var basic = root.Extensions.OfType<X509BasicConstraintsExtension>().Single();
        Assert.True(basic.Critical && basic.CertificateAuthority);
        Assert.Single(root.Extensions.OfType<X509SubjectKeyIdentifierExtension>());
        Assert.Equal("sha256:" + Convert.ToHexStringLower(SHA256.HashData(_ca.CertificatePem.Span)), _ca.Digest);
    }

    [Theory]
    [InlineData(NodeRole.Worker, "swarm-worker", new[] { "swarm-worker", "node1" })]
    [InlineData(NodeRole.Manager, "swarm-manager", new[] { "swarm-manager", "node1", "swarm-ca" })]
    public void IssueCredentials_Node_HasTheFormOfSwarmKit(NodeRole role, string unit, string[] names)
    {
        NodeCredentials credentials = _ca.IssueCredentials("node1", role, "cluster1", SwarmDefaults.NodeCertificateExpiry, TestTime.Now);
        using X509Certificate2 certificate = PemCertificates.Read(credentials.Pair.CertificatePem)[0];

        Assert.Equal(["2.5.4.10=cluster1", $"2.5.4.11={unit}", "2.5.4.3=node1"], certificate.SubjectName
            .EnumerateRelativeDistinguishedNames(reversed: false)
            .Select(p => $"{p.GetSingleElementType().Value}={p.GetSingleElementValue()}"));
        Assert.Equal(names, new X509SubjectAlternativeNameExtension(certificate.Extensions["2.5.29.17"]!.RawData).EnumerateDnsNames());
        var usage = certificate.Extensions.OfType<X509KeyUsageExtension>().Single();
        Assert.True(usage.Critical && usage.KeyUsages == (X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment));
        Assert.Equal(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"], certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single()
            .EnhancedKeyUsages.Cast<Oid>().Select(o => o.Value));
        var basic = certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single();
        Assert.True(basic.Critical && !basic.CertificateAuthority);
        using X509Certificate2 root = PemCertificates.Read(_ca.CertificatePem)[0];
        Assert.Equal(
            root.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single().SubjectKeyIdentifierBytes.ToArray(),
            certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().Single().KeyIdentifier!.Value.ToArray());
        Assert.Single(certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>());
        Assert.Equal(TestTime.Now - TimeSpan.FromHours(1), credentials.NotBefore);
        Assert.Equal(TestTime.Now + TimeSpan.FromDays(90), credentials.NotAfter);
        Assert.Equal(("node1", "cluster1", role), (credentials.NodeId, credentials.Organization, credentials.Role));
        Assert.Equal(root.SubjectName.RawData, credentials.TlsInfo.CertIssuerSubject.ToByteArray());
        Assert.Equal(root.PublicKey.ExportSubjectPublicKeyInfo(), credentials.TlsInfo.CertIssuerPublicKey.ToByteArray());
    }

    [Fact]
    public void IssueNodeCertificate_ShortValidity_IsRaisedToOneHour()
    {
        NodeCredentials credentials = _ca.IssueCredentials("n", NodeRole.Worker, "c", TimeSpan.FromSeconds(1), TestTime.Now);
        Assert.Equal(TestTime.Now + TimeSpan.FromHours(1), credentials.NotAfter);
    }

    [Fact]
    public void IssueNodeCertificate_BeyondTheRoot_EndsWithTheRoot()
    {
        NodeCredentials credentials = _ca.IssueCredentials("n", NodeRole.Worker, "c", TimeSpan.FromDays(90), TestTime.Now.AddYears(20).AddDays(-1));
        Assert.Equal(TestTime.Now.AddYears(20), credentials.NotAfter);
    }

    [Fact]
    public void IssueNodeCertificate_TwoCertificates_HaveDifferentSerialNumbers()
    {
        ByteString request = Issuer.CreateRequest().CertificatePem;
        string[] serials = [.. Enumerable.Range(0, 20).Select(_ => PemCertificates.Read(
            _ca.IssueNodeCertificate(request, "n", NodeRole.Worker, "c", TimeSpan.FromDays(1), TestTime.Now))[0].SerialNumber).Distinct()];
        Assert.Equal(20, serials.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n")]
    public void CheckRequest_Nonsense_IsRefused(string pem)
    {
        var e = Assert.Throws<SwarmException>(() => Issuer.CheckRequest(ByteString.CopyFromUtf8(pem)));
        Assert.Equal(SwarmErrorCode.InvalidArgument, e.Code);
    }

    [Fact]
    public void CheckRequest_AnyByteOfItsBodyFlipped_IsRefused()
    {
        byte[] der = PemBytes(Issuer.CreateRequest().CertificatePem);
        Issuer.CheckRequest(ToPem(der));
        for (int i = 0; i < der.Length; i += 7)
        {
            byte[] damaged = [.. der];
            damaged[i] ^= 0x04;
            Assert.Throws<SwarmException>(() => Issuer.CheckRequest(ToPem(damaged)));
        }
    }

    [Fact]
    public void CheckRequest_WeakKey_IsRefused()
    {
        using var weak = RSA.Create(1024);
        var request = new CertificateRequest("CN=x", weak, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var e = Assert.Throws<SwarmException>(() => Issuer.CheckRequest(ByteString.CopyFromUtf8(request.CreateSigningRequestPem())));
        Assert.Contains("RSA of at least 2048", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_KeyOfAnotherRoot_IsRefused()
    {
        ClusterCa other = ClusterCa.Create(Issuer, TestTime.Now);
        var e = Assert.Throws<SwarmException>(() => new ClusterCa(Issuer, new CertificateKeyPair(_ca.CertificatePem, other.KeyPem)));
        Assert.Equal(SwarmErrorCode.FailedPrecondition, e.Code);
        _ = new ClusterCa(Issuer, new CertificateKeyPair(_ca.CertificatePem, _ca.KeyPem));
    }

    [Fact]
    public void CreateToken_Twice_DiffersInTheSecretOnly()
    {
        JoinToken one = _ca.CreateToken();
        JoinToken other = _ca.CreateToken();
        Assert.Equal(one.RootDigest, other.RootDigest);
        Assert.NotEqual(one.Text, other.Text);
        one.CheckRoot(_ca.CertificatePem);
    }

    [Fact]
    public void ToString_NothingWithAKey_ShowsIt()
    {
        NodeCredentials credentials = _ca.IssueCredentials("n", NodeRole.Worker, "c", TimeSpan.FromDays(1), TestTime.Now);
        Assert.All([$"{credentials}", $"{credentials.Pair}", $"{_ca}"], text =>
            Assert.DoesNotContain("PRIVATE", text, StringComparison.Ordinal));
        Assert.Contains("PRIVATE", credentials.Pair.KeyPem.ToStringUtf8(), StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_OtherRootOrOtherTime_IsRefused()
    {
        NodeCredentials credentials = _ca.IssueCredentials("n", NodeRole.Worker, "c", TimeSpan.FromDays(1), TestTime.Now);
        ByteString certificate = credentials.Pair.CertificatePem;
        Issuer.Verify(certificate, _ca.CertificatePem, TestTime.Now);
        string Refusal(ByteString root, DateTimeOffset now) =>
            Assert.Throws<SwarmException>(() => Issuer.Verify(certificate, root, now)).Message;
        Assert.Contains("not signed by", Refusal(ClusterCa.Create(Issuer, TestTime.Now).CertificatePem, TestTime.Now), StringComparison.Ordinal);
        Assert.Contains("expired", Refusal(_ca.CertificatePem, TestTime.Now.AddDays(2)), StringComparison.Ordinal);
        Assert.Contains("not valid before", Refusal(_ca.CertificatePem, TestTime.Now.AddDays(-2)), StringComparison.Ordinal);
    }

    [Fact]
    public void IssuedCertificate_OpenSsl_VerifiesIt()
    {
        ClusterCa ca = ClusterCa.Create(Issuer, DateTimeOffset.UtcNow);
        NodeCredentials credentials = ca.IssueCredentials("node1", NodeRole.Manager, "cluster1", TimeSpan.FromDays(90), DateTimeOffset.UtcNow);
        string directory = Directory.CreateTempSubdirectory("swarm-security-").FullName;
        try
        {
            File.WriteAllBytes($"{directory}/root.pem", ca.CertificatePem.ToByteArray());
            File.WriteAllBytes($"{directory}/node.pem", credentials.Pair.CertificatePem.ToByteArray());
            File.WriteAllBytes($"{directory}/node.key", credentials.Pair.KeyPem.ToByteArray());
            foreach (string purpose in new[] { "sslserver", "sslclient" })
            {
                string verified = OpenSsl($"verify -x509_strict -purpose {purpose} -CAfile {directory}/root.pem {directory}/node.pem");
                Assert.Contains("node.pem: OK", verified, StringComparison.Ordinal);
            }

            string subject = OpenSsl($"x509 -in {directory}/node.pem -noout -subject -nameopt sep_comma_plus");
            Assert.Contains("subject=O=cluster1,OU=swarm-manager,CN=node1", subject, StringComparison.Ordinal);
            Assert.Equal(
                OpenSsl($"x509 -in {directory}/node.pem -noout -pubkey"), OpenSsl($"pkey -in {directory}/node.key -pubout"));
            Assert.Contains("OK", OpenSsl($"req -verify -noout -in {Write(directory, Issuer.CreateRequest().CertificatePem)}"), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static string Write(string directory, ByteString content)
    {
        File.WriteAllBytes($"{directory}/request.pem", content.ToByteArray());
        return $"{directory}/request.pem";
    }

    private static string OpenSsl(string arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("openssl", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        string output = process.StandardOutput.ReadToEnd();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output + errors);
        return output + errors;
    }

    private static string ECCurveOf(X509Certificate2 certificate)
    {
        using ECDsa key = certificate.GetECDsaPublicKey()!;
        return key.ExportParameters(false).Curve.Oid.Value ?? key.ExportParameters(false).Curve.Oid.FriendlyName!;
    }

    private static byte[] PemBytes(ByteString pem)
    {
        string text = pem.ToStringUtf8();
        PemFields fields = PemEncoding.Find(text);
        return Convert.FromBase64String(text[fields.Base64Data]);
    }

    private static ByteString ToPem(byte[] der) => ByteString.CopyFromUtf8(new string(PemEncoding.Write("CERTIFICATE REQUEST", der)));
}
