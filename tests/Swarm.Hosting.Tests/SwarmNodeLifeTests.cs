// SPDX-License-Identifier: Apache-2.0
using Swarm.Agent;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Security;

namespace Swarm.Hosting.Tests;

/// <summary>Starting, failing to start, stopping, starting again.</summary>
public sealed class SwarmNodeLifeTests : IDisposable
{
    private readonly NodeKit _kit = new();

    public void Dispose() => _kit.Dispose();

    [Fact]
    public async Task Start_PortInUse_LeavesNothingRunningOrKept()
    {
        await using SwarmNode first = _kit.Node("a", new InMemoryNodeIdentityStore(), NodeKit.Manager());
        await first.StartAsync(TestContext.Current.CancellationToken);
        var identity = new InMemoryNodeIdentityStore();
        var tasks = new DisposalCountingStore();
        SwarmNode second = _kit.Node("a", identity, NodeKit.Manager(), tasks);

        SwarmException e = await Assert.ThrowsAsync<SwarmException>(() => second.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains(NodeKit.ManagerAddress, e.Message, StringComparison.Ordinal);
        Assert.Null(identity.Load(null));
        Assert.Null(identity.LoadRoot());
        Assert.Equal(1, tasks.Disposals);
        await second.DisposeAsync();
        await second.DisposeAsync();
        Assert.Equal(1, tasks.Disposals);
    }

    [Fact]
    public async Task Stop_WhileStarting_EndsTheStart_AndLeavesNothingServing()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        SwarmNode node = _kit.Node("a", new InMemoryNodeIdentityStore(), NodeKit.Manager(), transport: t => new HangingTransport(t, asked));
        Task start = node.StartAsync(TestContext.Current.CancellationToken);
        await asked.Task;

        await node.StopAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        await using SwarmNode next = _kit.Node("a", new InMemoryNodeIdentityStore(), NodeKit.Manager());
        await next.StartAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Stop_BeforeStart_DisposesTheStore_AndTheNodeCannotStart()
    {
        var tasks = new DisposalCountingStore();
        SwarmNode node = _kit.Node("a", new InMemoryNodeIdentityStore(), NodeKit.Manager(), tasks);

        await node.StopAsync();

        Assert.Equal(1, tasks.Disposals);
        await Assert.ThrowsAsync<InvalidOperationException>(() => node.StartAsync(TestContext.Current.CancellationToken));
        await node.DisposeAsync();
    }

    [Fact]
    public async Task Start_Twice_IsRefused_AndTheFirstGoesOn()
    {
        await using SwarmNode node = _kit.Node("a", new InMemoryNodeIdentityStore(), NodeKit.Manager());
        await node.StartAsync(TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<InvalidOperationException>(() => node.StartAsync(TestContext.Current.CancellationToken));

        Assert.NotNull(node.Manager);
    }

    [Fact]
    public async Task Start_ExpiredWorkerCertificate_SaysWhatToDo()
    {
        ClusterCa ca = ClusterCa.Create(_kit.Issuer, _kit.Time.GetUtcNow());
        var identity = new InMemoryNodeIdentityStore();
        identity.Save(ca.IssueCredentials("worker", NodeRole.Worker, "cluster", TimeSpan.FromDays(90), _kit.Time.GetUtcNow()));
        identity.SaveManagers([NodeKit.ManagerAddress]);
        _kit.Time.Advance(TimeSpan.FromDays(91));
        await using SwarmNode node = _kit.Node("b", identity, new SwarmNodeOptions());

        SwarmException e = await Assert.ThrowsAsync<SwarmException>(() => node.StartAsync(TestContext.Current.CancellationToken));

        Assert.Equal(SwarmErrorCode.FailedPrecondition, e.Code);
        Assert.Contains("the node's certificate expired at 2026-04-01", e.Message, StringComparison.Ordinal);
        Assert.Contains("join again with a token", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restart_ManagerWithExpiredCertificate_IssuesItselfANewOne_AndWarnsThatItsMemoryIsLost()
    {
        var identity = new InMemoryNodeIdentityStore();
        string id;
        await using (SwarmNode first = _kit.Node("a", identity, NodeKit.Manager()))
        {
            await first.StartAsync(TestContext.Current.CancellationToken);
            id = first.NodeId;
        }

        _kit.Time.Advance(TimeSpan.FromDays(100));
        await using SwarmNode again = _kit.Node("a", identity, NodeKit.Manager());
        await again.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(id, again.NodeId);
        Assert.True(identity.Load(null)!.NotAfter > _kit.Time.GetUtcNow());
        Assert.Contains(_kit.Lines, l => l.StartsWith("Warning: this manager keeps the cluster's state in memory", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Restart_WorkerWithoutJoinAddress_FindsTheManagerItKnew()
    {
        await using SwarmNode manager = _kit.Node("a", new InMemoryNodeIdentityStore(), NodeKit.Manager());
        await manager.StartAsync(TestContext.Current.CancellationToken);
        var identity = new InMemoryNodeIdentityStore();
        string id;
        await using (SwarmNode first = _kit.Node("b", identity, NodeKit.Worker(NodeKit.WorkerToken(manager))))
        {
            await first.StartAsync(TestContext.Current.CancellationToken);
            id = first.NodeId;
        }

        Assert.Equal([NodeKit.ManagerAddress], identity.LoadManagers());
        await using SwarmNode again = _kit.Node("b", identity, new SwarmNodeOptions());
        await again.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(id, again.NodeId);
    }

    [Fact]
    public async Task Start_WorkerThatKnowsNoManager_SaysWhatToGive()
    {
        var identity = new InMemoryNodeIdentityStore();
        identity.Save(ClusterCa.Create(_kit.Issuer, _kit.Time.GetUtcNow())
            .IssueCredentials("worker", NodeRole.Worker, "cluster", TimeSpan.FromDays(90), _kit.Time.GetUtcNow()));
        await using SwarmNode node = _kit.Node("b", identity, new SwarmNodeOptions());

        SwarmException e = await Assert.ThrowsAsync<SwarmException>(() => node.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("--join-addr", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithAManagerToken_IsRefused_AndKeepsNothing()
    {
        await using SwarmNode manager = _kit.Node("a", new InMemoryNodeIdentityStore(), NodeKit.Manager());
        await manager.StartAsync(TestContext.Current.CancellationToken);
        var identity = new InMemoryNodeIdentityStore();
        await using SwarmNode second = _kit.Node("b", identity, NodeKit.Worker(NodeKit.ManagerToken(manager)));

        SwarmException e = await Assert.ThrowsAsync<SwarmException>(() => second.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("manager", e.Message, StringComparison.Ordinal);
        Assert.Null(identity.Load(null));
    }

    private sealed class HangingTransport(INodeTransport inner, TaskCompletionSource asked) : INodeTransport
    {
        public IRpcConnector CreateConnector(RpcTrust trust) => inner.CreateConnector(trust);

        public async Task<IAsyncDisposable> ServeAsync(RpcServerOptions options, NodeCredentialsSource credentials, CancellationToken cancellationToken)
        {
            asked.SetResult();
            var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration registration = cancellationToken.Register(() => never.TrySetCanceled(cancellationToken));
            await never.Task;
            return await inner.ServeAsync(options, credentials, cancellationToken);
        }
    }

    private sealed class DisposalCountingStore : ITaskStateStore
    {
        private readonly InMemoryTaskStateStore _inner = new();

        public int Disposals { get; private set; }

        public Task<IReadOnlyList<StoredTask>> LoadAsync(CancellationToken cancellationToken) => _inner.LoadAsync(cancellationToken);

        public Task WriteAsync(IReadOnlyList<TaskStateWrite> writes, CancellationToken cancellationToken) => _inner.WriteAsync(writes, cancellationToken);

        public ValueTask DisposeAsync()
        {
            Disposals++;
            return _inner.DisposeAsync();
        }
    }
}
