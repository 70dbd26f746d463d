// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Hosting.Tests;

/// <summary>A cluster that is declared: one named node makes it, the others wait and join, and there is never a second one.</summary>
public sealed class DeclaredClusterTests : IDisposable
{
    private readonly NodeKit _kit = new();
    private readonly TemporaryDirectory _temporary = new();
    private readonly JoinTokenFile _token;

    public DeclaredClusterTests() => _token = new JoinTokenFile(_temporary.At("token"));

    public void Dispose()
    {
        _kit.Dispose();
        _temporary.Dispose();
    }

    [Fact]
    public async Task Others_StartedFirst_WaitForTheNamedNode_AndJoinIt()
    {
        await using SwarmNode second = Declared("b", new InMemoryNodeIdentityStore());
        Task joining = second.StartAsync(TestContext.Current.CancellationToken);
        await _kit.LineAsync("waiting for the cluster that a makes: there is no join token yet");
        await using SwarmNode first = Declared("a", new InMemoryNodeIdentityStore());
        await first.StartAsync(TestContext.Current.CancellationToken);

        await _kit.AdvanceUntilAsync(joining);

        Assert.Equal(first.ClusterId, second.ClusterId);
        Assert.Equal((NodeRole.Manager, NodeRole.Worker), (first.Role, second.Role));
        Assert.Null(second.Manager);
    }

    [Fact]
    public async Task First_StartedAgain_IsTheSameCluster_AndPublishesItsNewToken()
    {
        var identity = new InMemoryNodeIdentityStore();
        string cluster;
        await using (SwarmNode first = Declared("a", identity))
        {
            await first.StartAsync(TestContext.Current.CancellationToken);
            cluster = first.ClusterId;
        }

        await using SwarmNode again = Declared("a", identity);
        await again.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(cluster, again.ClusterId);
        Assert.Equal(NodeKit.WorkerToken(again), await _token.GetTokenAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task First_WithStateLost_IsRefused_ByTheTokenThatIsThere()
    {
        await using (SwarmNode first = Declared("a", new InMemoryNodeIdentityStore()))
        {
            await first.StartAsync(TestContext.Current.CancellationToken);
        }

        var lost = new InMemoryNodeIdentityStore();
        await using SwarmNode again = Declared("a", lost);
        SwarmException e = await Assert.ThrowsAsync<SwarmException>(() => again.StartAsync(TestContext.Current.CancellationToken));

        Assert.Equal(SwarmErrorCode.FailedPrecondition, e.Code);
        Assert.Contains(_token.FullPath, e.Message, StringComparison.Ordinal);
        Assert.Contains("a second cluster is not made", e.Message, StringComparison.Ordinal);
        Assert.Null(lost.Load(null));
    }

    [Fact]
    public async Task First_WithStateDirectoryRemoved_IsRefused_ByTheMarkBesideIt()
    {
        string state = _temporary.At("state");
        using (var directory = new NodeStateDirectory(state, _kit.Issuer))
        {
            await using SwarmNode first = _kit.Node("a", directory, Options());
            await first.StartAsync(TestContext.Current.CancellationToken);
        }

        Directory.Delete(state, recursive: true);
        using var empty = new NodeStateDirectory(state, _kit.Issuer);
        await using SwarmNode again = _kit.Node("a", empty, Options());
        SwarmException e = await Assert.ThrowsAsync<SwarmException>(() => again.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains($"{state}.cluster", e.Message, StringComparison.Ordinal);
        File.Delete($"{state}.cluster");
        await using SwarmNode anew = _kit.Node("a", empty, Options());
        await anew.StartAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task First_WithStateLost_IsRefused_WhileAManagerAnswers()
    {
        await using SwarmNode running = _kit.Node("old", new InMemoryNodeIdentityStore(), NodeKit.Manager());
        await running.StartAsync(TestContext.Current.CancellationToken);
        SwarmNodeOptions options = Options();
        options.ListenRemoteApi = "10.0.0.9:4242";
        await using SwarmNode second = _kit.Node("a", new InMemoryNodeIdentityStore(), options, discovery: new StaticManagerDiscovery(NodeKit.ManagerAddress));

        SwarmException e = await Assert.ThrowsAsync<SwarmException>(() => second.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains($"a manager answers at {NodeKit.ManagerAddress}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoFirstNodes_AtTheSameInstant_MakeOneCluster()
    {
        // Each with a directory and an address of its own, so that only the token they share can keep them apart.
        SwarmNode[] nodes = [.. new[] { "10.0.0.1:4242", "10.0.0.2:4242" }.Select(address =>
        {
            SwarmNodeOptions options = Options();
            options.ListenRemoteApi = address;
            return _kit.Node("a", new InMemoryNodeIdentityStore(), options, tokens: _token, host: $"host {address}");
        })];
        var failures = new List<SwarmException>();
        Task[] starts = [.. nodes.Select(n => n.StartAsync(TestContext.Current.CancellationToken))];
        foreach (Task start in starts)
        {
            try
            {
                await start;
            }
            catch (SwarmException e)
            {
                failures.Add(e);
            }
        }

        SwarmException refused = Assert.Single(failures);
        Assert.Equal(SwarmErrorCode.FailedPrecondition, refused.Code);
        SwarmNode leads = Assert.Single(nodes, n => n.Status.Phase == SwarmNodePhase.Running);
        Assert.Equal(NodeKit.WorkerToken(leads), await _token.GetTokenAsync(TestContext.Current.CancellationToken));
        foreach (SwarmNode node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public void TwoNodes_OnOneStateDirectory_TheSecondIsRefused()
    {
        using var first = new NodeStateDirectory(_temporary.At("state"), _kit.Issuer);

        SwarmException e = Assert.Throws<SwarmException>(() => new NodeStateDirectory(_temporary.At("state"), _kit.Issuer));

        Assert.Contains("in use by another node", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NodeThatMadeACluster_WhileAnotherIsDeclaredNow_IsRefused()
    {
        var identity = new InMemoryNodeIdentityStore();
        await using (SwarmNode first = Declared("a", identity))
        {
            await first.StartAsync(TestContext.Current.CancellationToken);
        }

        SwarmNodeOptions options = Options();
        options.Bootstrap!.FirstNode = "b";
        await using SwarmNode again = _kit.Node("a", identity, options);
        SwarmException e = await Assert.ThrowsAsync<SwarmException>(() => again.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("there would be two clusters", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_WithoutACluster_GivesUpAfterItsTime_AndSaysWhatItWaitedFor()
    {
        SwarmNodeOptions options = Options();
        options.Bootstrap!.WaitTimeout = TimeSpan.FromSeconds(10);
        await using SwarmNode second = _kit.Node("b", new InMemoryNodeIdentityStore(), options, tokens: _token);

        SwarmException e = await Assert.ThrowsAsync<SwarmException>(
            () => _kit.AdvanceUntilAsync(second.StartAsync(TestContext.Current.CancellationToken)));

        Assert.Equal(SwarmErrorCode.DeadlineExceeded, e.Code);
        Assert.Contains("waited 10 s for the cluster that 'a' makes: there is no join token yet", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_ReplacedByTheOperator_IsPublishedAnew()
    {
        await using SwarmNode first = Declared("a", new InMemoryNodeIdentityStore());
        await first.StartAsync(TestContext.Current.CancellationToken);
        string before = NodeKit.WorkerToken(first);
        Cluster cluster = await first.Client.Clusters.ResolveAsync(SwarmDefaults.ClusterName, TestContext.Current.CancellationToken);

        await first.Client.Clusters.UpdateAsync(
            cluster.Id, _ => { }, new KeyRotation { WorkerJoinToken = true }, TestContext.Current.CancellationToken);

        Assert.NotEqual(before, NodeKit.WorkerToken(first));
        await NodeKit.UntilAsync(() => File.ReadAllText(_token.FullPath).Trim() == NodeKit.WorkerToken(first));
    }

    private static SwarmNodeOptions Options() => new()
    {
        ListenRemoteApi = NodeKit.ManagerAddress,
        Bootstrap = new ClusterBootstrapOptions { FirstNode = "a" },
    };

    private SwarmNode Declared(string name, INodeIdentityStore identity) =>
        _kit.Node(name, identity, Options(), tokens: _token, discovery: new StaticManagerDiscovery(NodeKit.ManagerAddress));
}
