// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Manager.ControlApi.Validation;

namespace Swarm.Manager.Tests.ControlApi;

/// <summary>The rules of the cluster object.</summary>
public sealed class ClusterRuleTests
{
    [Fact]
    public Task ClusterRename_Accepted() => AcceptsAsync(static s => s.Annotations.Labels["a"] = "b");

    [Fact]
    public Task ClusterRename_Refused() => RefusesAsync(ControlRules.ClusterRename, static s => s.Annotations.Name = "other");

    [Fact]
    public Task ClusterCertificateExpiry_Accepted() => AcceptsAsync(static s => s.CaConfig = Expiry(TimeSpan.FromHours(1)));

    [Fact]
    public Task ClusterCertificateExpiry_Refused() =>
        RefusesAsync(ControlRules.ClusterCertificateExpiry, static s => s.CaConfig = Expiry(TimeSpan.FromMinutes(59)));

    [Fact]
    public Task ClusterHeartbeat_Accepted() =>
        AcceptsAsync(static s => s.Dispatcher = new DispatcherConfig { HeartbeatPeriod = Specs.Seconds(3) });

    [Fact]
    public Task ClusterHeartbeat_Refused() => RefusesAsync(
        ControlRules.ClusterHeartbeat, static s => s.Dispatcher = new DispatcherConfig { HeartbeatPeriod = Specs.Seconds(-3) });

    [Fact]
    public Task ClusterExternalCa_Accepted() => AcceptsAsync(static s => s.CaConfig = new CAConfig());

    [Fact]
    public Task ClusterExternalCa_Refused() => RefusesAsync(
        ControlRules.ClusterExternalCa, static s => s.CaConfig = new CAConfig { ExternalCas = { new ExternalCA { Url = "https://ca" } } });

    [Fact]
    public Task ClusterRootRotation_Accepted() => AcceptsAsync(static s => s.CaConfig = Expiry(TimeSpan.FromDays(30)));

    [Theory]
    [InlineData(1, "")]
    [InlineData(0, "certificate")]
    public Task ClusterRootRotation_Refused(ulong force, string certificate) => RefusesAsync(
        ControlRules.ClusterRootRotation,
        s => s.CaConfig = new CAConfig { ForceRotate = force, SigningCaCert = ByteString.CopyFromUtf8(certificate) });

    [Fact]
    public Task ClusterAutolock_Accepted() => AcceptsAsync(static s => s.EncryptionConfig = new EncryptionConfig());

    [Fact]
    public Task ClusterAutolock_Refused() => RefusesAsync(
        ControlRules.ClusterAutolock, static s => s.EncryptionConfig = new EncryptionConfig { AutoLockManagers = true });

    [Fact]
    public Task ClusterUnlockKey_Accepted() => AcceptsAsync(static _ => { }, new KeyRotation());

    [Fact]
    public Task ClusterUnlockKey_Refused() =>
        RefusesAsync(ControlRules.ClusterUnlockKey, static _ => { }, new KeyRotation { ManagerUnlockKey = true });

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task UpdateCluster_Rotation_ChangesTheTokensAskedFor(bool worker, bool manager)
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Cluster before = await harness.PutClusterAsync();

        Cluster after = await UpdateAsync(
            harness, before, static _ => { }, new KeyRotation { WorkerJoinToken = worker, ManagerJoinToken = manager });

        Assert.Equal(worker, after.RootCa.JoinTokens.Worker != "old-worker");
        Assert.Equal(manager, after.RootCa.JoinTokens.Manager != "old-manager");
        Assert.NotEqual(after.RootCa.JoinTokens.Worker, after.RootCa.JoinTokens.Manager);
        Assert.Equal(before.RootCa.CaKey, harness.State.Get<Cluster>("cluster")!.RootCa.CaKey);
    }

    [Fact]
    public async Task Cluster_InAnswers_HasTokensAndNoKeys()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Cluster stored = await harness.PutClusterAsync();

        Cluster got = (await harness.Control.GetCluster(new GetClusterRequest { ClusterId = "cluster" }, harness.Context)).Cluster;
        Cluster listed = Assert.Single((await harness.Control.ListClusters(new ListClustersRequest(), harness.Context)).Clusters);
        Cluster updated = await UpdateAsync(harness, got, static _ => { });

        foreach (Cluster answer in new[] { got, listed, updated })
        {
            Assert.True(answer.RootCa.CaKey.IsEmpty);
            Assert.Empty(answer.UnlockKeys);
            Assert.Empty(answer.NetworkBootstrapKeys);
            Assert.Equal("old-worker", answer.RootCa.JoinTokens.Worker);
            Assert.Equal(stored.RootCa.CaCert, answer.RootCa.CaCert);
        }

        Assert.NotEmpty(harness.State.Get<Cluster>("cluster")!.UnlockKeys);
    }

    [Fact]
    public async Task UpdateCluster_SpecReadBefore_KeepsTheSigningKey()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        ByteString key = ByteString.CopyFromUtf8("signing-key");
        await harness.PutAsync(new Cluster
        {
            Id = "cluster",
            Spec = new ClusterSpec { Annotations = new Annotations { Name = "default" }, CaConfig = new CAConfig { SigningCaKey = key } },
        });
        Cluster got = (await harness.Control.GetCluster(new GetClusterRequest { ClusterId = "cluster" }, harness.Context)).Cluster;

        Cluster answer = await UpdateAsync(harness, got, static s => s.CaConfig.NodeCertExpiry = Specs.Seconds(7200));

        Assert.True(answer.Spec.CaConfig.SigningCaKey.IsEmpty);
        Assert.Equal(key, harness.State.Get<Cluster>("cluster")!.Spec.CaConfig.SigningCaKey);
        Assert.Equal(7200, harness.State.Get<Cluster>("cluster")!.Spec.CaConfig.NodeCertExpiry.Seconds);
    }

    private static CAConfig Expiry(TimeSpan expiry) => new() { NodeCertExpiry = Duration.FromTimeSpan(expiry) };

    private static async Task<Cluster> UpdateAsync(
        ControlHarness harness, Cluster cluster, Action<ClusterSpec> change, KeyRotation? rotation = null)
    {
        ClusterSpec spec = cluster.Spec.Clone();
        change(spec);
        var request = new UpdateClusterRequest
        {
            ClusterId = cluster.Id, ClusterVersion = cluster.Meta.Version, Spec = spec, Rotation = rotation,
        };
        return (await harness.Control.UpdateCluster(request, harness.Context)).Cluster;
    }

    private static async Task AcceptsAsync(Action<ClusterSpec> change, KeyRotation? rotation = null)
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Cluster cluster = await harness.PutClusterAsync();
        ClusterSpec wanted = cluster.Spec.Clone();
        change(wanted);

        Cluster answer = await UpdateAsync(harness, cluster, change, rotation);

        Assert.Equal(wanted, answer.Spec);
    }

    private static async Task RefusesAsync(ControlRule rule, Action<ClusterSpec> change, KeyRotation? rotation = null)
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Cluster cluster = await harness.PutClusterAsync();

        await rule.RefusesAsync(() => UpdateAsync(harness, cluster, change, rotation));

        Assert.Same(cluster, harness.State.Get<Cluster>("cluster"));
    }
}
