// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Manager.Tests.EndToEnd;

public sealed class BootstrapTests
{
    private readonly SimulatedCertificateIssuer _issuer = new(new SeededRandom(1));
    private readonly SeededIdSource _ids = new(new SeededRandom(2));

    [Fact]
    public void WriteTo_Twice_WritesOnceAndKeepsWhatPeopleChanged()
    {
        var state = new TestState();
        ClusterBootstrap bootstrap = ClusterBootstrap.Create(_issuer, _ids, TimeProvider.System);
        state.Apply(bootstrap.WriteTo);
        Cluster changed = state.Put(state.Get<Cluster>(bootstrap.ClusterId)!.WithSubnetSize(20));
        state.TakeChanges();

        state.Apply(bootstrap.WriteTo);

        Assert.Empty(state.TakeChanges());
        Assert.Same(changed, state.Get<Cluster>(bootstrap.ClusterId));
    }

    [Fact]
    public void New_TokensOfAnotherAuthority_AreRefused()
    {
        ClusterBootstrap one = ClusterBootstrap.Create(_issuer, _ids, TimeProvider.System);
        ClusterBootstrap two = ClusterBootstrap.Create(_issuer, _ids, TimeProvider.System);

        Assert.Throws<ArgumentException>(
            () => new ClusterBootstrap(one.ClusterId, one.Ca, two.WorkerToken, one.ManagerToken, one.Node));
        Assert.Throws<ArgumentException>(
            () => new ClusterBootstrap(one.ClusterId, one.Ca, one.WorkerToken, one.ManagerToken, two.Node));
    }

    [Fact]
    public void Options_Defaults_AreValidButForTheAddress()
    {
        var options = new SwarmManagerOptions();
        Assert.Throws<ArgumentException>(options.Validate);

        options.AdvertiseAddress = "10.0.0.1:4242";
        options.Validate();
        options.Dispatcher.HeartbeatGraceMultiplier = 1;

        Assert.Contains(
            "HeartbeatGraceMultiplier is 1; it must be at least 2",
            Assert.Throws<ArgumentException>(options.Validate).Message,
            StringComparison.Ordinal);
    }
}
