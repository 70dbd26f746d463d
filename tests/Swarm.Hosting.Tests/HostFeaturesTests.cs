// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Client;
using Swarm.Core;
using Swarm.Runtime;

namespace Swarm.Hosting.Tests;

/// <summary>What a host program gets from its node, and its work from the host.</summary>
public sealed class HostFeaturesTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Work_HasAScopeConfigurationAndTheCluster_AndIsDrainedWhenTheHostStops()
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool ended = false;
        var scoped = new List<Scoped>();
        HostApplicationBuilder builder = Builder();
        builder.Configuration["greeting"] = "good day";
        builder.Services.AddScoped(_ =>
        {
            var made = new Scoped();
            scoped.Add(made);
            return made;
        });
        builder.Services.AddHealthChecks().AddSwarmNode();
        Node(builder, work => work.Register("work", async (context, stop) =>
        {
            context.Services.GetRequiredService<Scoped>();
            string word = context.Services.GetRequiredService<IConfiguration>()["greeting"]!;
            int nodes = (await context.Services.GetRequiredService<SwarmClient>().Nodes.ListAsync(cancellationToken: stop)).Count;
            seen.TrySetResult($"{word}, {nodes}");
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, context.Time, stop);
            }
            finally
            {
                ended = true;
            }
        })).DeclareService(Service("work"));
        using IHost host = builder.Build();
        HealthCheckService health = host.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(TestContext.Current.CancellationToken)).Status);

        await host.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal("good day, 1", await seen.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        HealthReport report = await health.CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Healthy, report.Status);
        Assert.False(Assert.Single(scoped).IsDisposed);
        await host.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(ended);
        Assert.True(scoped[0].IsDisposed);
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(TestContext.Current.CancellationToken)).Status);
    }

    [Fact]
    public async Task Work_ItsLogHasWhatItLogsThroughTheHost_AndItsConfigurationTheHostsSection()
    {
        HostApplicationBuilder builder = Builder();
        builder.Configuration["Swarm:Work:work:word"] = "good day";
        Node(builder, work => work.Register("work", (context, _) =>
        {
            context.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Shop").LogInformation(
                "{Word} {Colour}", context.Configuration["word"], context.Configuration["colour"]);
            return Task.CompletedTask;
        })).DeclareService(Service("work", new InProcessSpec { Name = "work", Settings = { ["colour"] = "blue" } }));
        using IHost host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        SwarmClient client = host.Services.GetRequiredService<SwarmClient>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));

        await NodeKit.UntilAsync(() => host.Services.GetRequiredService<SwarmNode>().Status.IsReady);
        Api.Service service = Assert.Single(await client.Services.ListAsync(cancellationToken: limit.Token));
        string? line = null;
        await foreach (LogMessage message in client.Logs.ReadAsync(
            new LogSelector { ServiceIds = { service.Id } }, new LogSubscriptionOptions { Follow = true }, limit.Token))
        {
            line = message.Data.ToStringUtf8();
            break;
        }

        Assert.Equal("info: Shop[0]: good day blue", line?.TrimEnd('\n'));

        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Metrics_SayWhatTheClusterHolds()
    {
        HostApplicationBuilder builder = Builder();
        Node(builder, _ => { });
        using IHost host = builder.Build();
        var values = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == "Swarm.Hosting" && instrument.Meter.Scope == host.Services.GetRequiredService<IMeterFactory>())
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => values[instrument.Name] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => values[instrument.Name] = value);
        listener.Start();
        await host.StartAsync(TestContext.Current.CancellationToken);
        SwarmNode node = host.Services.GetRequiredService<SwarmNode>();

        // The session is counted by the loop that opened it, a moment after the node says that it is ready.
        await NodeKit.UntilAsync(() => node.Status.IsReady && values.ContainsKey("swarm.node.sessions.opened"));

        listener.RecordObservableInstruments();

        Assert.Equal(1, values["swarm.node.ready"]);
        Assert.Equal(1, values["swarm.manager.leading"]);
        Assert.Equal(1, values["swarm.cluster.nodes"]);
        Assert.Equal(1, values["swarm.node.sessions.opened"]);
        Assert.InRange(values["swarm.node.certificate.remaining"], 1, SwarmDefaults.NodeCertificateExpiry.TotalSeconds);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Client_BeforeTheNodeRuns_SaysSo()
    {
        HostApplicationBuilder builder = Builder();
        Node(builder, _ => { });
        using IHost host = builder.Build();

        SwarmException e = await Assert.ThrowsAsync<SwarmException>(
            () => host.Services.GetRequiredService<SwarmClient>().Nodes.ListAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(SwarmErrorCode.Unavailable, e.Code);
    }

    [Fact]
    public async Task Client_OnAWorker_SaysThatManagersTakeOrders()
    {
        using var kit = new NodeKit();
        await using SwarmNode manager = kit.Node("a", new InMemoryNodeIdentityStore(), NodeKit.Manager());
        await manager.StartAsync(TestContext.Current.CancellationToken);
        await using SwarmNode worker = kit.Node("b", new InMemoryNodeIdentityStore(), NodeKit.Worker(NodeKit.WorkerToken(manager)));
        await worker.StartAsync(TestContext.Current.CancellationToken);

        SwarmException e = await Assert.ThrowsAsync<SwarmException>(
            () => worker.Client.Nodes.ListAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(SwarmErrorCode.FailedPrecondition, e.Code);
        Assert.Contains("node.role == manager", e.Message, StringComparison.Ordinal);
    }

    private static ServiceSpec Service(string name, InProcessSpec? spec = null) => new()
    {
        Annotations = new Annotations { Name = name },
        Task = new TaskSpec { Generic = InProcessExecutor.Pack(spec ?? new InProcessSpec { Name = name }) },
        Replicated = new ReplicatedService { Replicas = 1 },
    };

    private static HostApplicationBuilder Builder()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        return builder;
    }

    private ISwarmBuilder Node(HostApplicationBuilder builder, Action<InProcessExecutor> register) => builder.Services.AddSwarmNode(o =>
    {
        o.StateDirectory = _temporary.At("state");
        o.ListenRemoteApi = AddSwarmNodeTests.FreeAddress();
    }).UseInProcessExecutor(register);

    private sealed class Scoped : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
