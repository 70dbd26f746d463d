// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Swarm.Api;
using Swarm.Client;
using Swarm.Core;
using Swarm.Runtime;
using Swarm.Security;
using Swarm.Store;

namespace Swarm.Hosting.Tests;

/// <summary>A node inside a host program.</summary>
public sealed class AddSwarmNodeTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Start_WrongOption_FailsBeforeAnythingIsMade()
    {
        using IHost host = Build(o => o.JoinAddress = "127.0.0.1:1", "state");

        OptionsValidationException e = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("a join token is needed", e.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_temporary.At("state")));
    }

    [Fact]
    public async Task Start_WithoutExecutor_SaysWhatIsMissing()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSwarmNode(o => o.StateDirectory = _temporary.At("state"));
        using IHost host = builder.Build();

        SwarmException e = await Assert.ThrowsAsync<SwarmException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("the node has no executor", e.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_temporary.At("state")), "a directory was made for a node that cannot be");
    }

    [Theory]
    [InlineData("", "", "", "0.0.0.0:4242", "no state directory")]
    [InlineData("state", "", "let-me-in", "0.0.0.0:4242", "without the address of a manager")]
    [InlineData("state", "127.0.0.1:1", "let-me-in", "0.0.0.0:4242", "join token")]
    [InlineData("state", "", "", "here", "--listen-remote-api")]
    public async Task Start_EachWrongOption_IsOneLine(string state, string address, string token, string listen, string words)
    {
        using IHost host = Build(
            o =>
            {
                o.StateDirectory = state.Length > 0 ? _temporary.At(state) : "";
                o.JoinAddress = address;
                o.JoinToken = token;
                o.ListenRemoteApi = listen;
            },
            "state");

        OptionsValidationException e = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        string line = Assert.Single(e.Failures);
        Assert.Contains(words, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        Assert.False(Directory.Exists(_temporary.At("state")));
    }

    [Fact]
    public async Task Executor_ThatIsOnlyAsyncDisposable_IsDisposedOnceWithTheHost_AndBeforeTheDirectoryIsFree()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        string state = _temporary.At("state");
        builder.Services.AddSwarmNode(o =>
        {
            o.StateDirectory = state;
            o.ListenRemoteApi = FreeAddress();
        });
        builder.Services.AddSingleton<IExecutor>(new AsyncExecutorFactory(state).Make);
        IHost host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        var executor = (AsyncExecutor)host.Services.GetServices<IExecutor>().Single();
        await host.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, executor.Disposals);

        host.Dispose();

        Assert.Equal(1, executor.Disposals);
        Assert.True(executor.DirectoryWasHeld, "another node could have started while this one's executor still ended");
    }

    [Fact]
    public void TwoCalls_ConfigureOneNode()
    {
        var services = new ServiceCollection();
        services.AddSwarmNode(o => o.Hostname = "a");
        services.AddSwarmNode(o => o.StateDirectory = "/x").UseInProcessExecutor(_ => { });

        Assert.Single(services, s => s.ServiceType == typeof(SwarmNode));
        Assert.Single(services, s => s.ServiceType == typeof(IHostedService));
        using ServiceProvider provider = services.BuildServiceProvider();
        SwarmNodeOptions options = provider.GetRequiredService<IOptions<SwarmNodeOptions>>().Value;
        Assert.Equal(("a", "/x"), (options.Hostname, options.StateDirectory));
    }

    [Fact]
    public async Task Parts_RegisteredBefore_AreUsed()
    {
        var identity = new InMemoryNodeIdentityStore();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<INodeIdentityStore>(identity);
        services.AddSingleton<Agent.ITaskStateStore, Agent.InMemoryTaskStateStore>();
        services.AddSwarmNode(o =>
        {
            o.StateDirectory = _temporary.At("state");
            o.ListenRemoteApi = FreeAddress();
        }).UseInProcessExecutor(_ => { });
        await using ServiceProvider provider = services.BuildServiceProvider();
        SwarmNode node = provider.GetRequiredService<SwarmNode>();

        await node.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(node.NodeId, identity.Load(null)!.NodeId);
        Assert.False(Directory.Exists(_temporary.At("state")), "nothing of this node is on disk");
    }

    [Fact]
    public async Task TwoHosts_OverMutualTls_RunAService_AndStopCleanly()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string address = FreeAddress();
        string socket = _temporary.At("s");
        var started = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using IHost first = Build(
            o =>
            {
                o.ListenRemoteApi = address;
                o.ListenControlApi = socket;
                o.Hostname = "one";
                o.Availability = NodeSpec.Types.Availability.Drain;
            },
            "one");
        await first.StartAsync(cancellation);
        await using var client = new SwarmClient(socket);
        string token = (await client.Clusters.ResolveAsync(SwarmDefaults.ClusterName, cancellation)).RootCa.JoinTokens.Worker;
        using IHost second = Build(
            o =>
            {
                o.JoinAddress = address;
                o.JoinToken = token;
                o.Hostname = "two";
            },
            "two",
            executor => executor.Register("work", async (context, stop) =>
            {
                started.TrySetResult(context.Task.NodeId);
                var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await using CancellationTokenRegistration registration = stop.Register(() => over.TrySetResult());
                await over.Task;
                ended.TrySetResult();
            }));
        await second.StartAsync(cancellation);
        await client.Services.CreateAsync(
            new ServiceSpec
            {
                Annotations = new Annotations { Name = "work" },
                Task = new TaskSpec { Generic = InProcessExecutor.Pack(new Api.Ext.InProcessSpec { Name = "work" }) },
                Replicated = new ReplicatedService { Replicas = 1 },
            },
            cancellation);

        SwarmNode worker = second.Services.GetRequiredService<SwarmNode>();
        Assert.Equal(worker.NodeId, await started.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellation));
        Assert.Null(worker.Manager);
        await second.StopAsync(cancellation);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellation);
        await first.StopAsync(cancellation);
        first.Dispose();
        second.Dispose();

        Assert.False(File.Exists(socket), "the control socket is left behind");
        foreach (string name in new[] { "one", "two" })
        {
            using var free = new NodeStateDirectory(_temporary.At(name), new OperatingSystemCertificateIssuer());
            Assert.NotNull(free.Load(null));
        }
    }

    private sealed class AsyncExecutorFactory(string state)
    {
        public IExecutor Make(IServiceProvider services) => new AsyncExecutor(new InProcessExecutor(services.GetRequiredService<IMailboxFactory>()), state);
    }

    private sealed class AsyncExecutor(IExecutor inner, string state) : IExecutor, IAsyncDisposable
    {
        public int Disposals { get; private set; }

        public bool DirectoryWasHeld { get; private set; }

        public string RuntimeName => inner.RuntimeName;

        public Task<NodeDescription> DescribeAsync(CancellationToken cancellationToken) => inner.DescribeAsync(cancellationToken);

        public Task ConfigureAsync(Node node, CancellationToken cancellationToken) => inner.ConfigureAsync(node, cancellationToken);

        public bool CanRun(Api.Task task) => inner.CanRun(task);

        public ITaskController CreateController(Api.Task task, ITaskDependencies dependencies) => inner.CreateController(task, dependencies);

        public Task SetNetworkBootstrapKeysAsync(IReadOnlyList<EncryptionKey> keys, CancellationToken cancellationToken) =>
            inner.SetNetworkBootstrapKeysAsync(keys, cancellationToken);

        public Task ReconcileAsync(IReadOnlyCollection<string> knownTaskIds, CancellationToken cancellationToken) =>
            inner.ReconcileAsync(knownTaskIds, cancellationToken);

        public ValueTask DisposeAsync()
        {
            Disposals++;
            try
            {
                new NodeStateDirectory(state, new OperatingSystemCertificateIssuer()).Dispose();
            }
            catch (SwarmException)
            {
                DirectoryWasHeld = true;
            }

            return ValueTask.CompletedTask;
        }
    }

    internal static string FreeAddress()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return probe.LocalEndpoint.ToString()!;
    }

    private IHost Build(Action<SwarmNodeOptions> configure, string directory, Action<InProcessExecutor>? register = null)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSwarmNode(o =>
        {
            o.StateDirectory = _temporary.At(directory);
            configure(o);
        }).UseInProcessExecutor(register ?? (_ => { }));
        return builder.Build();
    }
}
