// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Docker.DotNet;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Client;
using Swarm.Docker.Testing;
using Swarm.Runtime.Docker;
using Swarm.Store;
using Swarm.Testing;

namespace Swarm.Docker.Tests;

/// <summary>
/// A cluster in this process: node-1 manages, each further node has a real engine; and a plain client of each engine, for what others do.
/// </summary>
internal sealed class EngineFailureCluster : IAsyncDisposable
{
    private readonly List<DockerExecutor> _executors = [];
    private readonly List<PrivateEngine> _engines = [];
    private readonly List<DockerClient> _others = [];
    private InProcessCluster? _cluster;

    public IReadOnlyList<PrivateEngine> Engines => _engines;

    public IReadOnlyList<DockerClient> Others => _others;

    public InProcessCluster Cluster => _cluster!;

    public SwarmClient Client => _cluster!.Client;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<EngineFailureCluster> StartAsync(params PrivateEngineOptions[] engines)
    {
        var made = new EngineFailureCluster();
        try
        {
            Task<PrivateEngine>[] starting = [.. engines.Select(e => PrivateEngine.StartAsync(e, Cancel))];
            foreach (Task<PrivateEngine> start in starting)
            {
                made._engines.Add(await start);
            }

            made._others.AddRange(made._engines.Select(e => new DockerClientBuilder().WithEndpoint(e.Endpoint).Build()));
            made._cluster = await InProcessCluster.StartAsync(
                new InProcessClusterOptions { Workers = engines.Length, Executors = made.MakeExecutor });
            return made;
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
    }

    /// <summary>Containers that are replaced soon after they end.</summary>
    public static ServiceSpec Spec(string name, ulong replicas) => new()
    {
        Annotations = new Annotations { Name = name },
        Replicated = new ReplicatedService { Replicas = replicas },
        Task = new Api.TaskSpec
        {
            Container = new Api.ContainerSpec { Image = PrivateEngine.Image, StopGracePeriod = Duration.FromTimeSpan(TimeSpan.FromSeconds(2)) },
            Restart = new Api.RestartPolicy
            {
                Condition = Api.RestartPolicy.Types.RestartCondition.Any, Delay = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(200)),
            },
        },
    };

    public async Task<Service> CreateAsync(ServiceSpec spec)
    {
        Service service = await Client.Services.CreateAsync(spec, cancellationToken: Cancel);
        await UntilRunningAsync(service, (int)spec.Replicated.Replicas);
        return service;
    }

    public static Api.Task[] Running(StoreView state, Service service) =>
        [.. state.TasksByService(service.Id).Where(t => t.DesiredState == TaskState.Running && t.Status.State == TaskState.Running)];

    public Task UntilRunningAsync(Service service, int count, int seconds = 30) =>
        UntilAsync($"{count} tasks run", state => Running(state, service).Length == count, seconds);

    /// <summary>Waits until some task of a service is as wanted.</summary>
    public async Task<Api.Task> UntilTaskAsync(Service service, string what, Func<Api.Task, bool> wanted, int seconds = 30)
    {
        Api.Task? found = null;
        await UntilAsync(what, state => (found = state.TasksByService(service.Id).FirstOrDefault(wanted)) is not null, seconds);
        return found!;
    }

    public async Task UntilAsync(string what, Func<StoreView, bool> condition, int seconds = 30)
    {
        try
        {
            await Cluster.UntilAsync(what, condition, TimeSpan.FromSeconds(seconds));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"not within {seconds} s: {what}; there are:\n{Tasks()}");
        }
    }

    /// <summary>Waits until exactly the tasks that should run have running containers, one each, and every other is of a known task.</summary>
    public async Task UntilContainersMatchAsync(int seconds = 30)
    {
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await MismatchAsync() is { } difference)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(seconds), $"not within {seconds} s: {difference}\n{Tasks()}");
            await timer.WaitForNextTickAsync(Cancel);
        }
    }

    /// <summary>Checks again and again, for as long as a failure would take to show, that something holds.</summary>
    public static async Task HoldsAsync(TimeSpan time, Action check)
    {
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (watch.Elapsed < time)
        {
            check();
            await timer.WaitForNextTickAsync(Cancel);
        }

        check();
    }

    public string Tasks() => string.Join('\n', Cluster.State.All<Api.Task>().OrderBy(t => t.Slot).Select(t =>
        $"{t.Id} {t.ServiceAnnotations?.Name}.{t.Slot} on {t.NodeId}: {t.Status.State}, wanted {t.DesiredState}: {t.Status.Message} {t.Status.Err}"));

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

        _others.ForEach(static o => o.Dispose());
        foreach (PrivateEngine engine in _engines)
        {
            await engine.DisposeAsync();
        }
    }

    private async Task<string?> MismatchAsync()
    {
        StoreView state = Cluster.State;
        Api.Task[] running = [.. state.All<Api.Task>().Where(t => t.DesiredState == TaskState.Running && t.Status.State == TaskState.Running)];
        var seen = new List<string>();
        foreach (DockerClient engine in _others)
        {
            foreach (var container in await engine.Containers.ListContainersAsync(new() { All = true }, Cancel))
            {
                string taskId = container.Labels["com.docker.swarm.task.id"];
                if (state.Get<Api.Task>(taskId) is null)
                {
                    return $"container {container.Names[0]} is of no task";
                }

                // An engine whose disk was full when a container ended lists it as running still; it knows better when asked for the one.
                if (container.State == "running" && (await engine.Containers.InspectContainerAsync(container.ID, Cancel)).State!.Running)
                {
                    seen.Add(taskId);
                }
            }
        }

        return running.Select(t => t.Id).Order().SequenceEqual(seen.Order())
            ? null
            : $"tasks {string.Join(' ', running.Select(t => t.Id).Order())}, but containers of {string.Join(' ', seen.Order())}";
    }

    private DockerExecutor[] MakeExecutor(string node)
    {
        int engine = int.Parse(node["node-".Length..], System.Globalization.CultureInfo.InvariantCulture) - 2;
        if (engine < 0)
        {
            return [];
        }

        var executor = new DockerExecutor(
            new DockerExecutorOptions { Endpoint = _engines[engine].Endpoint, PullStallTimeout = TimeSpan.FromMilliseconds(500) });
        _executors.Add(executor);
        return [executor];
    }
}
