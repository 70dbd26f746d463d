// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Security;
using Swarm.Testing;

namespace Swarm.Hosting.Tests;

/// <summary>Certificates are renewed when asked and by time, under simulated time.</summary>
public sealed class CertificateKeeperTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    [Fact]
    public void Rotate_RenewsAtOnce_AndTheManagerKnows()
    {
        SimulatedCluster cluster = Start();
        SwarmNode worker = cluster.Nodes[1].Node!;
        NodeCredentials before = worker.Credentials.Current!;

        AskToRotate(cluster, worker.NodeId);

        Assert.True(cluster.Loop.RunUntil(() => worker.Credentials.Current != before, Limit), "not renewed");
        Assert.Equal(before.NodeId, worker.NodeId);
        Assert.NotEqual(before.Pair.KeyPem, worker.Credentials.Current!.Pair.KeyPem);
        Assert.True(cluster.Loop.RunUntil(() => StateOf(cluster, worker.NodeId) == IssuanceStatus.Types.State.Issued, Limit), "not known as issued");
        NodeCredentials after = worker.Credentials.Current!;
        cluster.Loop.RunFor(TimeSpan.FromMinutes(10));
        Assert.Same(after, worker.Credentials.Current);
        Assert.Equal(NodeStatus.Types.State.Ready, cluster.State.Get<Node>(worker.NodeId)!.Status.State);
    }

    [Fact]
    public void Time_RenewsBetweenHalfAndFourFifthsOfTheLife_AgainAndAgain()
    {
        SimulatedCluster cluster = Start();
        SwarmNode worker = cluster.Nodes[1].Node!;
        NodeCredentials first = worker.Credentials.Current!;
        SetExpiry(cluster, TimeSpan.FromHours(2));
        AskToRotate(cluster, worker.NodeId);
        Assert.True(cluster.Loop.RunUntil(() => worker.Credentials.Current != first, Limit), "not renewed when asked");

        for (int i = 0; i < 3; i++)
        {
            NodeCredentials current = worker.Credentials.Current!;
            TimeSpan life = current.NotAfter - current.NotBefore;
            Assert.True(cluster.Loop.RunUntil(() => worker.Credentials.Current != current, life), "not renewed by time");
            Assert.InRange(cluster.Loop.Now, current.NotBefore + (life * 0.5), current.NotBefore + (life * 0.8) + TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public void Unreachable_IsTriedAgain_UntilTheManagerAnswers()
    {
        SimulatedCluster cluster = Start();
        SwarmNode worker = cluster.Nodes[1].Node!;
        NodeCredentials before = worker.Credentials.Current!;
        AskToRotate(cluster, worker.NodeId);
        cluster.Network.Cut(cluster.Manager.Name, "node-2");
        cluster.Loop.RunFor(TimeSpan.FromMinutes(20));
        Assert.Same(before, worker.Credentials.Current);

        cluster.Network.Heal();

        Assert.True(cluster.Loop.RunUntil(() => worker.Credentials.Current != before, TimeSpan.FromHours(2)), "not renewed after the partition");
    }

    private static SimulatedCluster Start()
    {
        var cluster = new SimulatedCluster(new SimulatedClusterOptions { Workers = 1 });
        cluster.Start();
        return cluster;
    }

    private static IssuanceStatus.Types.State? StateOf(SimulatedCluster cluster, string id) => cluster.State.Get<Node>(id)?.Certificate?.Status?.State;

    private static void AskToRotate(SimulatedCluster cluster, string id) => cluster.Call(() => cluster.Manager.Node!.Manager!.Writer.SubmitAsync<bool>(
        "ask to rotate",
        transaction =>
        {
            Node node = transaction.Get<Node>(id)!;
            transaction.Update(node.WithCertificate(node.Certificate.WithStatus(new IssuanceStatus { State = IssuanceStatus.Types.State.Rotate })));
            return static _ => true;
        },
        CancellationToken.None));

    private static void SetExpiry(SimulatedCluster cluster, TimeSpan expiry) => cluster.Call(() => cluster.Manager.Node!.Manager!.Writer.SubmitAsync<bool>(
        "set expiry",
        transaction =>
        {
            Cluster stored = transaction.All<Cluster>().Single();
            transaction.Update(stored.WithSpec(stored.Spec.WithCaConfig(stored.Spec.CaConfig.WithNodeCertExpiry(Duration.FromTimeSpan(expiry)))));
            return static _ => true;
        },
        CancellationToken.None));
}
