// SPDX-License-Identifier: Apache-2.0
using Docker.DotNet;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Client;
using Swarm.Docker.Testing;
using Swarm.EndToEnd.Testing;
using Availability = Swarm.Api.NodeSpec.Types.Availability;
using Engines = Docker.DotNet.Models;

namespace Swarm.Docker.Tests;

/// <summary>
/// Three engines, and a manager and two workers as swarmd processes, each with one of them. A node is named by its engine, 0 for the
/// manager's: processes and names of nodes change, engines stay. Heartbeats are as usual, a node is down after 15 s without: with
/// fewer, a busy machine has nodes go down that nobody killed.
/// </summary>
[CollectionDefinition(Name)]
public sealed class BehaviourCluster : ICollectionFixture<BehaviourCluster>, IAsyncLifetime
{
    /// <summary>The name of the collection of the classes that share it.</summary>
    public const string Name = "three engines";

    private readonly PrivateEngine[] _engines = new PrivateEngine[3];
    private readonly DockerClient[] _clients = new DockerClient[3];
    private readonly bool[] _engineEnded = new bool[3];
    private readonly (string Name, NodeProcess Process)[] _nodes = new (string, NodeProcess)[3];
    private readonly Dictionary<string, int> _engineOfName = [];
    private readonly Dictionary<string, int> _engineOfId = [];
    private TestCluster? _cluster;
    private SwarmClient? _client;

    internal SwarmClient Client => _client!;

    public async ValueTask InitializeAsync()
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, _engines.Length).Select(StartEngineAsync));
            _engineOfName["node-1"] = 0;
            _cluster = await TestCluster.StartAsync(workers: 0, ExecutorOf);
            _nodes[0] = ("node-1", _cluster.ManagerProcess);
            _client = new SwarmClient(_cluster.Socket);
            _engineOfId[(await Client.Nodes.ResolveAsync("node-1")).Id] = 0;
            StartNode(1, "node-2");
            StartNode(2, "node-3");
            await UntilReadyAsync(1);
            await UntilReadyAsync(2);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        foreach (DockerClient? client in _clients)
        {
            client?.Dispose();
        }

        foreach (PrivateEngine? engine in _engines)
        {
            if (engine is not null)
            {
                await engine.DisposeAsync();
            }
        }
    }

    /// <summary>Makes all as a test expects to find it: engines and nodes run, are active, and have no container nor volume.</summary>
    internal async Task RestoreAsync()
    {
        foreach (Service service in await Client.Services.ListAsync())
        {
            await Client.Services.RemoveAsync(service.Id);
        }

        for (int engine = 0; engine < _engines.Length; engine++)
        {
            await StartEngineAgainAsync(engine);
            await ReviveAsync(engine);
            await SetAvailabilityAsync(engine, Availability.Active);
        }

        await UntilAsync("nothing is left of any service", v => v is { Containers: 0, Known: 0 });
        foreach (DockerClient client in _clients)
        {
            Assert.Empty((await client.Volumes.ListAsync(CancellationToken.None)).Volumes ?? []);
        }
    }

    /// <summary>Creates a service of idle containers; a global one if no number is given.</summary>
    internal Task<Service> CreateAsync(string name, ulong? replicas)
    {
        var spec = new ServiceSpec
        {
            Annotations = new Annotations { Name = name },
            Task = new TaskSpec
            {
                Container = new ContainerSpec { Image = PrivateEngine.Image },
                Restart = new RestartPolicy
                {
                    Condition = RestartPolicy.Types.RestartCondition.Any,
                    Delay = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(100)),
                },
            },
        };
        if (replicas is { } count)
        {
            spec.Replicated = new ReplicatedService { Replicas = count };
        }
        else
        {
            spec.Global = new GlobalService();
        }

        return Client.Services.CreateAsync(spec);
    }

    internal Task ScaleAsync(Service service, ulong replicas) =>
        Client.Services.UpdateAsync(service.Id, s => s.Replicated.Replicas = replicas);

    internal async Task SetAvailabilityAsync(int node, Availability availability) =>
        await Client.Nodes.UpdateAsync(await IdAsync(node), s => s.Availability = availability);

    /// <summary>What somebody else does to a container of an engine.</summary>
    internal Task KillContainerAsync(BehaviourTask task) =>
        _clients[task.Engine].Containers.KillContainerAsync(task.ContainerId, new Engines.ContainerKillParameters { Signal = "SIGKILL" });

    /// <summary>What somebody else does to a container of an engine.</summary>
    internal Task RemoveContainerAsync(BehaviourTask task) =>
        _clients[task.Engine].Containers.RemoveContainerAsync(task.ContainerId, new Engines.ContainerRemoveParameters { Force = true });

    /// <summary>kill -9 for the swarmd; its containers run on.</summary>
    internal Task KillNodeAsync(int node) => _nodes[node].Process.KillAsync();

    /// <summary>kill -9 for the engine, which takes its containers along.</summary>
    internal async Task KillEngineAsync(int engine)
    {
        _engineEnded[engine] = true;
        await _engines[engine].KillAsync();
    }

    internal async Task StartEngineAgainAsync(int engine)
    {
        if (_engineEnded[engine])
        {
            await _engines[engine].StartAgainAsync();
            _engineEnded[engine] = false;
        }
    }

    /// <summary>
    /// Starts the node's swarmd if it does not run, with the state it had, and waits until the node is READY; after a
    /// <see cref="LeaveAsync"/>, another node joins in its place.
    /// </summary>
    internal async Task ReviveAsync(int node)
    {
        if (!_nodes[node].Process.Runs)
        {
            StartNode(node, _nodes[node].Name);
        }

        await UntilReadyAsync(node);
    }

    /// <summary>Ends a node for good: its swarmd is stopped and the cluster forgets it.</summary>
    internal async Task LeaveAsync(int node)
    {
        string id = await IdAsync(node);
        Assert.Equal(0, await _nodes[node].Process.StopAsync());
        await Client.Nodes.RemoveAsync(id, force: true);
        _nodes[node].Name = $"node-{_engineOfName.Count + 1}";
    }

    internal Task UntilDownAsync(int node) => UntilStatusAsync(node, NodeStatus.Types.State.Down);

    /// <summary>Waits until what the manager holds for true is what runs on the engines, and both are as wanted.</summary>
    /// <param name="what">What is waited for.</param>
    /// <param name="condition">The rest of it.</param>
    /// <param name="without">Engines that are left out, for their nodes are not there to keep them in order.</param>
    internal async Task<BehaviourView> UntilAsync(string what, Func<BehaviourView, bool> condition, params int[] without)
    {
        BehaviourView view = await LookAsync(without);
        await Eventually.TrueAsync(
            what,
            async () => (view = await LookAsync(without)) is { Agrees: true } && condition(view),
            seconds: 60,
            state: () => Task.FromResult($"{view}\n{Outputs()}"));
        return view;
    }

    internal async Task<BehaviourView> LookAsync(params int[] without)
    {
        IReadOnlyList<Api.Task> tasks = await Client.Tasks.ListAsync();
        var containers = new List<(int, Engines.ContainerListResponse)>();
        for (int engine = 0; engine < _clients.Length; engine++)
        {
            if (!without.Contains(engine))
            {
                containers.AddRange((await _clients[engine].Containers.ListContainersAsync(new Engines.ContainersListParameters { All = true }))
                    .Select(c => (engine, c)));
            }
        }

        return new BehaviourView(tasks, _engineOfId, containers);
    }

    private async Task StartEngineAsync(int engine)
    {
        _engines[engine] = await PrivateEngine.StartAsync(new PrivateEngineOptions { Name = $"engine-{engine}" });
        _clients[engine] = new DockerClientBuilder().WithEndpoint(_engines[engine].Endpoint).Build();
    }

    private string[] ExecutorOf(string node) => ["--executor", "docker", "--engine-addr", _engines[_engineOfName[node]].Endpoint.OriginalString];

    private void StartNode(int engine, string name)
    {
        _engineOfName[name] = engine;
        _nodes[engine] = (name, _cluster!.StartWorker(name));
    }

    private async Task<string> IdAsync(int node) => (await Client.Nodes.ResolveAsync(_nodes[node].Name)).Id;

    private Task UntilReadyAsync(int node) => UntilStatusAsync(node, NodeStatus.Types.State.Ready);

    private Task UntilStatusAsync(int node, NodeStatus.Types.State state) => Eventually.TrueAsync(
        $"{_nodes[node].Name} is {state}",
        async () =>
        {
            Node? found = (await Client.Nodes.ListAsync()).SingleOrDefault(n => n.Description?.Hostname == _nodes[node].Name);
            if (found?.Status.State == state)
            {
                _engineOfId[found.Id] = node;
                return true;
            }

            return false;
        },
        seconds: 60,
        state: () => Task.FromResult(Outputs()));

    private string Outputs() => string.Join(
        '\n', _nodes.Select(n => $"--- {n.Name}\n{string.Join('\n', (n.Process?.Output ?? "").Split('\n').TakeLast(25))}"));
}
