// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using Docker.DotNet;
using Swarm.Api;
using Swarm.Client;
using Swarm.Core;
using Swarm.Docker.Testing;
using Swarm.Runtime.Docker;
using Swarm.Samples.Swarmctl;
using Swarm.Store;
using Swarm.Testing;

namespace Swarm.Docker.Tests;

/// <summary>
/// A manager and agents on one real engine, and registries in its network. node-1 speaks to the engine as it is, node-2 with API 1.24, node-3
/// with API 1.39, node-4 over TCP, node-5 asks for an API that the engine does not have.
/// </summary>
public sealed class BadInputCluster : IAsyncLifetime
{
    public const string Present = "node-1";
    public const string Oldest = "node-2";
    public const string Middle = "node-3";
    public const string Remote = "node-4";
    public const string Refused = "node-5";

    private readonly List<DockerExecutor> _executors = [];
    private readonly CancellationTokenSource _stop = new();
    private Socket _hanging = null!;
    private TcpListener _tcp = null!;
    private InProcessCluster _cluster = null!;

    internal PrivateEngine Engine { get; private set; } = null!;

    internal DockerClient Others { get; private set; } = null!;

    internal BadInputRegistry Open { get; private set; } = null!;

    internal BadInputRegistry Locked { get; private set; } = null!;

    /// <summary>A registry that takes connections and never answers.</summary>
    internal static string Hanging => "127.0.0.1:5003";

    /// <summary>A registry that is not there.</summary>
    internal static string Absent => "127.0.0.1:5004";

    internal SwarmClient Client => _cluster.Client;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Engine = await PrivateEngine.StartAsync(new() { Name = "bad-input" }, Cancel);
        Others = new DockerClientBuilder().WithEndpoint(Engine.Endpoint).Build();
        Open = await BadInputRegistry.StartAsync(Engine, 5001, locked: false);
        Locked = await BadInputRegistry.StartAsync(Engine, 5002, locked: true);
        _hanging = BadInputRegistry.Hang(Engine, 5003);
        _tcp = new TcpListener(IPAddress.Loopback, 0);
        _tcp.Start();
        _ = ForwardAsync();
        _cluster = await InProcessCluster.StartAsync(new InProcessClusterOptions { Workers = 4, Executors = MakeExecutor });
    }

    /// <summary>Runs a command line of swarmctl against this cluster.</summary>
    internal async Task<(int Exit, string Output, string Error)> CtlAsync(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var cli = new Cli(output, error, TimeProvider.System, _ => _cluster.Client, live: false);
        int exit = await App.RunAsync(cli, arguments, Cancel);
        return (exit, output.ToString(), error.ToString());
    }

    /// <summary>As <see cref="CtlAsync"/>, of a command that succeeds: what it prints.</summary>
    internal async Task<string> SucceedAsync(params string[] arguments)
    {
        (int exit, string output, string error) = await CtlAsync(arguments);
        Assert.True(exit == 0, $"swarmctl {string.Join(' ', arguments)}: {error}");
        return output;
    }

    /// <summary>A service of containers that stays on one node, with one task that is not replaced.</summary>
    internal static ServiceSpec Spec(string name, string node, Action<Api.ContainerSpec>? change = null)
    {
        var container = new Api.ContainerSpec { Image = PrivateEngine.Image };
        change?.Invoke(container);
        return new ServiceSpec
        {
            Annotations = new Annotations { Name = name },
            Replicated = new ReplicatedService { Replicas = 1 },
            Task = new Api.TaskSpec
            {
                Container = container,
                Placement = new Api.Placement { Constraints = { $"node.hostname=={node}" } },
                Restart = new Api.RestartPolicy { Condition = Api.RestartPolicy.Types.RestartCondition.None },
            },
        };
    }

    /// <summary>Waits until some task of a service is as wanted.</summary>
    internal async Task<Api.Task> UntilTaskAsync(string service, string what, Func<Api.Task, bool> wanted, int seconds = 20)
    {
        Api.Task? found = null;
        string Seen() => string.Join("; ", Tasks(_cluster.State).Select(static t => $"{t.Status.State} '{t.Status.Err}'"));
        IEnumerable<Api.Task> Tasks(StoreView state) => state.All<Api.Task>().Where(t => t.ServiceAnnotations?.Name == service);
        try
        {
            await _cluster.UntilAsync(what, state => (found = Tasks(state).FirstOrDefault(wanted)) is not null, TimeSpan.FromSeconds(seconds));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"not within {seconds} s: {what}; there are: {Seen()}");
        }

        return found!;
    }

    internal Task<Api.Task> UntilRunsAsync(string service, int seconds = 20) =>
        UntilTaskAsync(service, $"a task of {service} runs", static t => t.Status.State == TaskState.Running, seconds);

    /// <summary>Waits until a service's task has failed, and checks that everything that shows it tells the reason in full.</summary>
    internal async Task<string> FailsAsync(string service, TaskState state, params string[] words)
    {
        Api.Task task = await UntilTaskAsync(service, $"a task of {service} fails", static t => t.Status.Err.Length > 0);
        string listed = (await SucceedAsync("task", "ls", "--all")).Split('\n').Single(line => line.StartsWith(task.Id, StringComparison.Ordinal));
        string inspected = await SucceedAsync("task", "inspect", task.Id);
        string whole = await SucceedAsync("service", "inspect", service);
        await SucceedAsync("service", "rm", service);

        TestContext.Current.TestOutputHelper?.WriteLine($"{service}: {task.Status.State}: {task.Status.Err}");
        Assert.Equal(state, task.Status.State);
        Assert.EndsWith(task.Status.Err, listed, StringComparison.Ordinal);
        Assert.Contains("  " + state.ToString().ToUpperInvariant() + " ", listed, StringComparison.Ordinal);
        Assert.Contains($": {task.Status.Err}\n", inspected, StringComparison.Ordinal);
        Assert.Contains($": {task.Status.Err}\n", whole, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, task.Status.Err, StringComparison.Ordinal));
        Assert.InRange(task.Status.Err.Length, 20, 400);
        Assert.DoesNotContain("Exception", task.Status.Err, StringComparison.Ordinal);
        return task.Status.Err;
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        foreach (DockerExecutor executor in _executors)
        {
            await executor.DisposeAsync();
        }

        await _stop.CancelAsync();
        _tcp?.Dispose();
        _hanging?.Dispose();
        await (Open?.DisposeAsync() ?? default);
        await (Locked?.DisposeAsync() ?? default);
        Others?.Dispose();
        await (Engine?.DisposeAsync() ?? default);
        _stop.Dispose();
    }

    private DockerExecutor[] MakeExecutor(string node)
    {
        var executor = new DockerExecutor(new DockerExecutorOptions
        {
            Endpoint = node == Remote ? new Uri($"tcp://{_tcp.LocalEndpoint}") : Engine.Endpoint,
            ApiVersion = node switch { Oldest => "1.24", Middle => "1.39", Refused => "1.99", _ => null },
            PullStallTimeout = TimeSpan.FromMilliseconds(500),
        });
        _executors.Add(executor);
        return [executor];
    }

    // The engine's socket as a port of this machine, as where an engine is on another machine.
    private async Task ForwardAsync()
    {
        try
        {
            while (true)
            {
                _ = CarryAsync(await _tcp.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
    }

    private async Task CarryAsync(TcpClient from)
    {
        try
        {
            using (from)
            {
                using var to = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await to.ConnectAsync(new UnixDomainSocketEndPoint(Engine.Endpoint.LocalPath), _stop.Token);
                using var engine = new NetworkStream(to);
                NetworkStream node = from.GetStream();
                await Task.WhenAny(node.CopyToAsync(engine, _stop.Token), engine.CopyToAsync(node, _stop.Token));
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // Either side hung up.
        }
    }
}
