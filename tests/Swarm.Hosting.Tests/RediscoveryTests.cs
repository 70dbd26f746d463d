// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Hosting.Tests;

/// <summary>A node whose manager moved asks where managers are.</summary>
public sealed class RediscoveryTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Worker_ThatLostAllManagersItKnows_FindsTheNewAddressByDiscovery()
    {
        using var kit = new NodeKit();
        await using SwarmNode manager = kit.Node("a", new InMemoryNodeIdentityStore(), NodeKit.Manager());
        await manager.StartAsync(TestContext.Current.CancellationToken);
        var identity = new InMemoryNodeIdentityStore();
        await using (SwarmNode before = kit.Node("b", identity, NodeKit.Worker(NodeKit.WorkerToken(manager))))
        {
            await before.StartAsync(TestContext.Current.CancellationToken);
        }

        // All it remembers is where managers were.
        identity.SaveManagers(["10.9.9.8:4242", "10.9.9.9:4242"]);
        string file = _temporary.At("managers");
        File.WriteAllText(file, "10.9.9.8:4242\n");
        await using SwarmNode worker = kit.Node("b", identity, new SwarmNodeOptions(), discovery: new FileManagerDiscovery(file), host: "b2");
        identity.SaveManagers(["10.9.9.8:4242", "10.9.9.9:4242"]);
        await worker.StartAsync(TestContext.Current.CancellationToken);
        await NodeKit.UntilAsync(() => worker.Status.Problem.Length > 0);
        Assert.DoesNotContain(NodeKit.ManagerAddress, identity.LoadManagers());

        File.WriteAllText(file, $"{NodeKit.ManagerAddress}\n");
        await kit.AdvanceUntilAsync(NodeKit.UntilAsync(() => worker.Status.SessionManager == NodeKit.ManagerAddress));

        Assert.Contains(NodeKit.ManagerAddress, identity.LoadManagers());
        Assert.Contains(kit.Lines, l => l.Contains("others were discovered: " + NodeKit.ManagerAddress, StringComparison.Ordinal));
    }
}
