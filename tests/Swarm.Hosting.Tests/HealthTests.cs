// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Core;
using Swarm.Runtime;

namespace Swarm.Hosting.Tests;

/// <summary>What a node tells of itself: health, metrics, activities.</summary>
public sealed class HealthTests : IDisposable
{
    private static readonly SwarmNodeStatus Well = new(SwarmNodePhase.Running, "n", "c", NodeRole.Manager, "m:1", true, true, "")
    {
        CertificateRemaining = TimeSpan.FromDays(60),
        CertificateLife = TimeSpan.FromDays(90),
        Executors = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["docker"] = "", ["inproc"] = "" },
    };

    private readonly TemporaryDirectory _temporary = new();

    public static TheoryData<string, string, string> Cases => new()
    {
        { "well", "Healthy", "session with the manager at m:1" },
        { "stopped", "Unhealthy", "the node is not running: Stopped" },
        { "no session", "Unhealthy", "no session with a manager: refused" },
        { "no leader", "Unhealthy", "the cluster has no leader" },
        { "expired", "Unhealthy", "the node's certificate expired 00:01:00 ago: nobody answers" },
        { "a quarter left, renewals fail", "Healthy", "session with the manager at m:1" },
        { "less than a quarter left, renewals fail", "Degraded", "the node's certificate expires in 22.00:00:00 and could not be renewed: nobody answers" },
        { "less than a quarter left, not tried yet", "Healthy", "session with the manager at m:1" },
        { "executor unable", "Degraded", "executor docker: the engine does not answer" },
        { "executor unable and no leader", "Unhealthy", "the cluster has no leader; executor docker: the engine does not answer" },
    };

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Check_SaysHowTheNodeIsAndWhatIsWrong(string what, string health, string description)
    {
        var unable = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["docker"] = "the engine does not answer", ["inproc"] = "" };
        SwarmNodeStatus status = what switch
        {
            "stopped" => Well with { Phase = SwarmNodePhase.Stopped },
            "no session" => Well with { SessionManager = "", Problem = "refused" },
            "no leader" => Well with { HasLeader = false },
            "expired" => Well with { CertificateRemaining = TimeSpan.FromMinutes(-1), CertificateProblem = "nobody answers" },
            "a quarter left, renewals fail" => Well with { CertificateRemaining = TimeSpan.FromDays(22.5), CertificateProblem = "nobody answers" },
            "less than a quarter left, renewals fail" => Well with { CertificateRemaining = TimeSpan.FromDays(22), CertificateProblem = "nobody answers" },
            "less than a quarter left, not tried yet" => Well with { CertificateRemaining = TimeSpan.FromDays(22) },
            "executor unable" => Well with { Executors = unable },
            "executor unable and no leader" => Well with { Executors = unable, HasLeader = false },
            _ => Well,
        };

        HealthCheckResult result = SwarmNodeHealthCheck.Check(status, HealthStatus.Unhealthy);

        Assert.Equal((health, description), (result.Status.ToString(), result.Description));
        Assert.Equal(status.Executors["docker"] is { Length: > 0 } words ? words : "able", result.Data["executor.docker"]);
        Assert.Equal(status.HasLeader, result.Data["leader"]);
        Assert.Equal(status.SessionManager, result.Data["session"]);
        Assert.Contains(what == "expired" ? "expired" : "expires in", (string)result.Data["certificate"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Executor_ThatDoesNotAnswer_DegradesTheNodeWithItsWords_UntilItDoes()
    {
        using var kit = new NodeKit();
        var sick = new SickExecutor(new InProcessExecutor(new ThreadPoolMailboxFactory(kit.Time))) { Problem = "the engine does not answer" };
        await using SwarmNode node = kit.Node("a", new InMemoryNodeIdentityStore(), NodeKit.Manager(), executors: [sick]);
        await node.StartAsync(TestContext.Current.CancellationToken);
        await NodeKit.UntilAsync(() => node.Status.IsReady);

        HealthCheckResult ill = await Check(node);
        Assert.Equal((HealthStatus.Degraded, "executor inproc: the engine does not answer"), (ill.Status, ill.Description));

        sick.Problem = "";
        await kit.AdvanceUntilAsync(NodeKit.UntilAsync(() => node.Status.Executors["inproc"].Length == 0));
        await NodeKit.UntilAsync(() => node.Status.IsReady);
        Assert.Equal(HealthStatus.Healthy, (await Check(node)).Status);
    }

    [Fact]
    public async Task Status_SaysHowLongTheCertificateLives()
    {
        using var kit = new NodeKit();
        await using SwarmNode node = kit.Node("a", new InMemoryNodeIdentityStore(), NodeKit.Manager());
        await node.StartAsync(TestContext.Current.CancellationToken);
        await NodeKit.UntilAsync(() => node.Status.IsReady);
        SwarmNodeStatus status = node.Status;

        Assert.Equal(SwarmDefaults.NodeCertificateExpiry.TotalDays, status.CertificateRemaining!.Value.TotalDays, 0.1);
        Assert.InRange(status.CertificateLife, status.CertificateRemaining.Value, status.CertificateRemaining.Value + TimeSpan.FromDays(1));
        Assert.Equal("", status.CertificateProblem);
    }

    [Fact]
    public async Task ActivitiesAndMeters_AreHeardByListeners()
    {
        var activities = new ConcurrentBag<Activity>();
        using var heard = new ActivityListener
        {
            ShouldListenTo = static source => source.Name is "Swarm.Hosting" or "Swarm.Runtime.InProcess",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activities.Add,
        };
        ActivitySource.AddActivityListener(heard);
        var values = new ConcurrentBag<(string Name, long Value, string Outcome)>();
        using var meters = new MeterListener
        {
            InstrumentPublished = static (instrument, l) =>
            {
                if (instrument.Meter.Name == "Swarm.Runtime.InProcess")
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            values.Add((instrument.Name, value, tags.Length > 0 ? (string)tags[0].Value! : "")));
        meters.Start();
        const string name = "listened";
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSwarmNode(o =>
        {
            o.StateDirectory = _temporary.At("state");
            o.ListenRemoteApi = AddSwarmNodeTests.FreeAddress();
        }).UseInProcessExecutor(work => work.Register("work", static (context, stop) => Task.Delay(Timeout.InfiniteTimeSpan, context.Time, stop)))
            .DeclareService(new ServiceSpec
            {
                Annotations = new Annotations { Name = name },
                Task = new TaskSpec { Generic = InProcessExecutor.Pack(new InProcessSpec { Name = "work" }) },
                Replicated = new ReplicatedService { Replicas = 1 },
            });
        using IHost host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        SwarmNode node = host.Services.GetRequiredService<SwarmNode>();
        await NodeKit.UntilAsync(() => node.Manager!.Writer.Committed.All<Api.Task>().Any(t => t.Status.State == TaskState.Running));
        string id = node.NodeId;
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Contains(activities, a => a.OperationName == "swarm.node.start" && (string?)a.GetTagItem("swarm.node.id") == id);
        Assert.Contains(activities, a => a.OperationName == "swarm.node.stop" && (string?)a.GetTagItem("swarm.node.id") == id);
        Assert.Contains(activities, a => a.OperationName == "swarm.task.run"
            && ((string?)a.GetTagItem("swarm.task.name"))!.StartsWith(name, StringComparison.Ordinal));
        Assert.Contains(values, v => v is { Name: "swarm.inproc.tasks.running", Value: 1 });
        Assert.Contains(values, v => v is { Name: "swarm.inproc.tasks.running", Value: -1 });
        Assert.Contains(values, v => v is { Name: "swarm.inproc.tasks.ended", Value: 1, Outcome: "stopped" });
    }

    private static Task<HealthCheckResult> Check(SwarmNode node) =>
        new SwarmNodeHealthCheck(node).CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken);

    private sealed class SickExecutor(IExecutor inner) : IExecutor
    {
        private volatile string _problem = "";

        public string Problem
        {
            get => _problem;
            set => _problem = value;
        }

        public string RuntimeName => inner.RuntimeName;

        public Task<NodeDescription> DescribeAsync(CancellationToken cancellationToken = default) => Problem.Length > 0
            ? Task.FromException<NodeDescription>(new SwarmException(SwarmErrorCode.Unavailable, Problem))
            : inner.DescribeAsync(cancellationToken);

        public Task ConfigureAsync(Node node, CancellationToken cancellationToken = default) => inner.ConfigureAsync(node, cancellationToken);

        public bool CanRun(Api.Task task) => inner.CanRun(task);

        public ITaskController CreateController(Api.Task task, ITaskDependencies dependencies) => inner.CreateController(task, dependencies);

        public Task SetNetworkBootstrapKeysAsync(IReadOnlyList<EncryptionKey> keys, CancellationToken cancellationToken = default) =>
            inner.SetNetworkBootstrapKeysAsync(keys, cancellationToken);

        public Task ReconcileAsync(IReadOnlyCollection<string> knownTaskIds, CancellationToken cancellationToken = default) =>
            inner.ReconcileAsync(knownTaskIds, cancellationToken);
    }
}
