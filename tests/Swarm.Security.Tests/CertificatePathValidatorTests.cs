// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Swarm.Api;

namespace Swarm.Security.Tests;

public class CertificatePathValidatorTests
{
    private static readonly DateTimeOffset Now = TestTime.Now;

    private sealed record Authority(ECDsa Key, X509Certificate2 Certificate);

    [Fact]
    public void Validate_CrossSignedRootOfTheSameName_IsAccepted()
    {
        Authority old = Root("CN=swarm-ca");
        Authority renewed = Root("CN=swarm-ca");
        X509Certificate2 cross = Sign(old, "CN=swarm-ca", renewed.Key, authority: true);
        X509Certificate2 leaf = Sign(renewed, "CN=node", ECDsa.Create(ECCurve.NamedCurves.nistP256), authority: false);

        Assert.True(Validate(leaf, [cross], [old.Certificate]).IsValid);
        Assert.True(Validate(leaf, [], [renewed.Certificate]).IsValid);
        Assert.False(Validate(leaf, [], [old.Certificate]).IsValid);
        Assert.False(Validate(leaf, [renewed.Certificate], [old.Certificate]).IsValid);
    }

    [Fact]
    public void Validate_RogueRootOfTheSameName_IsRefused()
    {
        Authority trusted = Root("CN=swarm-ca");
        Authority rogue = Root("CN=swarm-ca");
        X509Certificate2 leaf = Sign(rogue, "CN=node", ECDsa.Create(), authority: false);
        Assert.False(Validate(leaf, [rogue.Certificate], [trusted.Certificate]).IsValid);
    }

    [Fact]
    public void Validate_IntermediateWithoutAuthority_IsRefused()
    {
        Authority root = Root("CN=root");
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var good = new Authority(key, Sign(root, "CN=middle", key, authority: true));
        var bad = new Authority(key, Sign(root, "CN=middle", key, authority: false));
        X509Certificate2 leaf = Sign(good, "CN=node", ECDsa.Create(), authority: false);
        Assert.True(Validate(leaf, [good.Certificate], [root.Certificate]).IsValid);
        Assert.Contains("no certificate authority", Validate(leaf, [bad.Certificate], [root.Certificate]).Problem, StringComparison.Ordinal);
        Assert.True(Validate(leaf, [bad.Certificate, good.Certificate], [root.Certificate]).IsValid);
    }

    [Fact]
    public void Validate_PathLength_IsHeld()
    {
        Authority root = Root("CN=root", pathLength: 0);
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var middle = new Authority(key, Sign(root, "CN=middle", key, authority: true));
        X509Certificate2 leaf = Sign(middle, "CN=node", ECDsa.Create(), authority: false);
        Assert.Contains("longer than it allows", Validate(leaf, [middle.Certificate], [root.Certificate]).Problem, StringComparison.Ordinal);
        Assert.True(Validate(Sign(root, "CN=node", ECDsa.Create(), authority: false), [], [root.Certificate]).IsValid);
    }

    [Fact]
    public void Validate_ExpiredIssuer_IsRefused()
    {
        Authority root = Root("CN=root", notAfter: Now.AddDays(1));
        X509Certificate2 leaf = Sign(root, "CN=node", ECDsa.Create(), authority: false);
        Assert.True(Validate(leaf, [], [root.Certificate]).IsValid);
        var result = CertificatePathValidator.Validate(leaf, [], [root.Certificate], CertificatePurpose.Server, Now.AddDays(2));
        Assert.Contains("expired", result.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_LoopOfIntermediates_Ends()
    {
        Authority trusted = Root("CN=other");
        ECDsa a = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ECDsa b = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var first = new Authority(a, Sign(new Authority(b, Root("CN=b").Certificate), "CN=a", a, authority: true));
        var second = new Authority(b, Sign(first, "CN=b", b, authority: true));
        first = new Authority(a, Sign(second, "CN=a", a, authority: true));
        X509Certificate2 leaf = Sign(first, "CN=node", ECDsa.Create(), authority: false);
        Assert.False(Validate(leaf, [first.Certificate, second.Certificate], [trusted.Certificate]).IsValid);
    }

    [Fact]
    public void Validate_RsaAuthority_IsAccepted()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=rsa", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 root = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(10));
        var leaf = new CertificateRequest("CN=node", ECDsa.Create(), HashAlgorithmName.SHA256).Create(
            root.SubjectName, X509SignatureGenerator.CreateForRSA(key, RSASignaturePadding.Pkcs1), Now.AddDays(-1), Now.AddDays(1), [1]);
        Assert.True(Validate(leaf, [], [root]).IsValid);
    }

    [Fact]
    public void Validate_UnknownCriticalExtension_IsRefused()
    {
        Authority root = Root("CN=root");
        var request = new CertificateRequest("CN=node", ECDsa.Create(), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension("1.2.3.4", [4, 0], critical: true));
        X509Certificate2 leaf = request.Create(
            root.Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(root.Key), Now.AddDays(-1), Now.AddDays(1), [1]);
        Assert.Contains("critical", Validate(leaf, [], [root.Certificate]).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void HasName_ManagerCertificate_NamesManagerNodeAndAuthority()
    {
        NodeCredentials manager = ClusterCa.Create(OperatingSystemCertificateIssuer.Instance, Now)
            .IssueCredentials("n1", NodeRole.Manager, "c", TimeSpan.FromDays(1), Now);
        using X509Certificate2 certificate = PemCertificates.Read(manager.Pair.CertificatePem)[0];
        Assert.All(["swarm-manager", "SWARM-CA", "n1"], name => Assert.True(CertificatePathValidator.HasName(certificate, name)));
        Assert.All(["swarm-worker", "", "n", "*"], name => Assert.False(CertificatePathValidator.HasName(certificate, name)));
    }

    private static CertificatePathResult Validate(X509Certificate2 leaf, X509Certificate2[] intermediates, X509Certificate2[] roots) =>
        CertificatePathValidator.Validate(leaf, intermediates, roots, CertificatePurpose.Server, Now);

    private static Authority Root(string name, int pathLength = -1, DateTimeOffset? notAfter = null)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, pathLength >= 0, Math.Max(pathLength, 0), true));
        return new Authority(key, request.CreateSelfSigned(Now.AddDays(-1), notAfter ?? Now.AddYears(1)));
    }

    private static X509Certificate2 Sign(Authority issuer, string name, ECDsa key, bool authority)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, true));
        return request.Create(issuer.Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer.Key),
            Now.AddHours(-1), Now.AddDays(90), RandomNumberGenerator.GetBytes(8));
    }
}
