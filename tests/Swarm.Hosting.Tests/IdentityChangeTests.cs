// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Security;
using Swarm.Testing;

namespace Swarm.Hosting.Tests;

/// <summary>A node follows what its cluster says of its role and of the authority.</summary>
public sealed class IdentityChangeTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly OperatingSystemCertificateIssuer _issuer = new();

    [Fact]
    public void RoleChanged_TheCertificateIsRenewedInTheNewRole()
    {
        var cluster = new SimulatedCluster(new SimulatedClusterOptions { Workers = 1 });
        cluster.Start();
        SwarmNode worker = cluster.Nodes[1].Node!;
        string id = worker.NodeId;

        foreach (NodeRole role in new[] { NodeRole.Manager, NodeRole.Worker })
        {
            cluster.Call(() => cluster.Manager.Node!.Manager!.Writer.SubmitAsync<bool>(
                "change the role",
                transaction =>
                {
                    transaction.Update(transaction.Get<Node>(id)!.WithRole(role));
                    return static _ => true;
                },
                CancellationToken.None));

            Assert.True(cluster.Loop.RunUntil(() => worker.Role == role, TimeSpan.FromMinutes(5)), $"not renewed as {role}");
            Assert.Equal(id, worker.NodeId);
        }
    }

    [Fact]
    public void RootChanged_ThatTheCertificateIsOf_IsKeptAndUsed()
    {
        ClusterCa ca = ClusterCa.Create(_issuer, Now);
        ByteString both = ByteString.CopyFromUtf8(
            ca.CertificatePem.ToStringUtf8() + ClusterCa.Create(_issuer, Now).CertificatePem.ToStringUtf8());
        (CertificateKeeper keeper, NodeCredentialsSource source, InMemoryNodeIdentityStore identity, List<int> renewed) = Keeper(ca);
        NodeCredentials before = source.Current!;

        keeper.OnRootChanged(both, _issuer);

        Assert.Equal(both, source.Current!.RootPem);
        Assert.Same(before.Pair, source.Current.Pair);
        Assert.Same(source.Current, identity.Load(null));
        Assert.Single(renewed);
        keeper.OnRootChanged(both, _issuer);
        Assert.Single(renewed);
    }

    [Fact]
    public void RootChanged_ToOneThatTheCertificateIsNotOf_OrToNone_IsNotTaken()
    {
        ClusterCa authority = ClusterCa.Create(_issuer, Now);
        (CertificateKeeper keeper, NodeCredentialsSource source, InMemoryNodeIdentityStore identity, List<int> renewed) = Keeper(authority);
        NodeCredentials before = source.Current!;

        keeper.OnRootChanged(ClusterCa.Create(_issuer, Now).CertificatePem, _issuer);
        keeper.OnRootChanged(ByteString.CopyFromUtf8("nonsense"), _issuer);
        keeper.OnRootChanged(ByteString.Empty, _issuer);

        Assert.Same(before, source.Current);
        Assert.Null(identity.Load(null));
        Assert.Empty(renewed);
    }

    private (CertificateKeeper Keeper, NodeCredentialsSource Source, InMemoryNodeIdentityStore Identity, List<int> Renewed) Keeper(ClusterCa ca)
    {
        var time = new FakeTimeProvider(Now);
        var mailboxes = new ThreadPoolMailboxFactory(time);
        var source = new NodeCredentialsSource(ca.IssueCredentials("node", NodeRole.Worker, "cluster", TimeSpan.FromDays(90), Now));
        var identity = new InMemoryNodeIdentityStore();
        var renewed = new List<int>();
        var transport = new InMemoryNodeTransport(new InMemoryNetwork().AddHost("node", mailboxes.Create("network")), mailboxes.Create("services"));
        var keeper = new CertificateKeeper(
            new NodeEnroller(transport, _issuer, time), source, identity, mailboxes.Create("node"), new SeededRandom(1, 1), ["manager:1"],
            NullLogger.Instance) { Renewed = () => renewed.Add(1) };
        return (keeper, source, identity, renewed);
    }
}
