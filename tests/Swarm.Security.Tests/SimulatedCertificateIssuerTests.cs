// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Security.Tests;

public class SimulatedCertificateIssuerTests
{
    private static readonly DateTimeOffset Now = TestTime.Now;

    [Fact]
    public void SameSeed_GivesTheSameBytes() => Assert.Equal(Make(7).Pair.CertificatePem, Make(7).Pair.CertificatePem);

    [Fact]
    public void OtherSeed_GivesOtherBytes() => Assert.NotEqual(Make(7).Pair.CertificatePem, Make(8).Pair.CertificatePem);

    [Fact]
    public void Verify_BehavesAsTheRealOne()
    {
        var issuer = new SimulatedCertificateIssuer(new SeededRandom(1));
        ClusterCa ca = ClusterCa.Create(issuer, Now);
        ClusterCa foreign = ClusterCa.Create(issuer, Now);
        ByteString certificate = ca.IssueCredentials("n", NodeRole.Worker, "c", TimeSpan.FromDays(1), Now).Pair.CertificatePem;
        issuer.Verify(certificate, ca.CertificatePem, Now);
        Assert.All([(foreign, 0), (ca, 2), (ca, -2)], bad => Assert.Equal(SwarmErrorCode.Unauthenticated, Assert.Throws<SwarmException>(
            () => issuer.Verify(certificate, bad.Item1.CertificatePem, Now.AddDays(bad.Item2))).Code));
        Assert.Throws<SwarmException>(() => issuer.CheckRequest(ByteString.CopyFromUtf8("nonsense")));
        Assert.Throws<SwarmException>(() => new ClusterCa(issuer, new CertificateKeyPair(ca.CertificatePem, foreign.KeyPem)));
    }

    private static NodeCredentials Make(ulong seed) => ClusterCa.Create(new SimulatedCertificateIssuer(new SeededRandom(seed)), Now)
        .IssueCredentials("n", NodeRole.Worker, "c", TimeSpan.FromDays(1), Now);
}
