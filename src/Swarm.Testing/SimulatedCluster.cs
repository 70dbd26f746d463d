// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Swarm.Agent;
using Swarm.Api;
using Swarm.Client;
using Swarm.Core;
using Swarm.Hosting;
using Swarm.Manager;
using Swarm.Rpc;
using Swarm.Runtime;
using Swarm.Security;
using Swarm.Simulation;
using Swarm.Store;

namespace Swarm.Testing;

/// <summary>
/// A whole cluster in one thread under simulated time: one manager and its workers, running the code of real nodes over a simulated
/// network, with crashes and partitions on request. The same seed gives the same run. Not thread-safe.
/// </summary>
public sealed class SimulatedCluster
{
    private static readonly TimeSpan StepLimit = TimeSpan.FromMinutes(10);

    private readonly SimulatedClusterOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly List<SimulatedClusterNode> _nodes = [];
    private readonly InMemoryNetwork _wires;
    private readonly SeededRandom _seeds;
    private readonly ICertificateIssuer _issuer;
    private readonly Mailbox _operator;
    private string _workerToken = "";

    /// <summary>Makes a cluster; nothing runs before <see cref="Start"/>.</summary>
    /// <param name="options">What it is made of.</param>
    /// <param name="loggers">Where its nodes log; nowhere when left out.</param>
    public SimulatedCluster(SimulatedClusterOptions? options = null, ILoggerFactory? loggers = null)
    {
        _options = options ?? new SimulatedClusterOptions();
        _loggers = loggers ?? NullLoggerFactory.Instance;
        Loop = new SimulationLoop(_options.Seed);
        Network = new SimulatedNetwork(Loop);
        _seeds = Loop.ForkRandom();
        _issuer = new SimulatedCertificateIssuer(Loop.ForkRandom());
        _wires = new InMemoryNetwork(new InMemoryNetworkOptions { Policy = Network, Issuer = _issuer }, _loggers.CreateLogger<InMemoryNetwork>());
        _operator = Loop.AddHost("operator").Create("operator");
        for (int i = 0; i <= _options.Workers; i++)
        {
            _nodes.Add(new SimulatedClusterNode($"node-{i + 1}", $"10.0.{i / 250}.{(i % 250) + 1}:4242"));
        }
    }

    /// <summary>The world.</summary>
    public SimulationLoop Loop { get; }

    /// <summary>Its network.</summary>
    public SimulatedNetwork Network { get; }

    /// <summary>What really runs.</summary>
    public TestWorkload Workload { get; } = new();

    /// <summary>All nodes, the manager first.</summary>
    public IReadOnlyList<SimulatedClusterNode> Nodes => _nodes;

    /// <summary>The manager.</summary>
    public SimulatedClusterNode Manager => _nodes[0];

    /// <summary>The committed state of the cluster.</summary>
    public StoreView State => Manager.Node!.Manager!.Writer.Committed;

    /// <summary>What the manager's writer has done so far.</summary>
    public WriterCounters Counters => Manager.Node!.Manager!.Writer.Counters;

    /// <summary>A client of the manager; its calls run with <see cref="Call{T}"/>.</summary>
    public SwarmClient Client { get; private set; } = null!;

    /// <summary>Starts the manager, has the workers join over a good network, and waits until all are READY.</summary>
    public void Start()
    {
        StartNode(Manager, join: false);
        IRpcConnection control = _wires.AddHost(Manager.Name, _operator).CreateConnector(RpcTrust.Mutual(Manager.Node!.Credentials))
            .Connect(Manager.Address, SwarmRoleNames.Manager);
        Client = new SwarmClient(control.Invoker, _operator.Time);
        _workerToken = Call(() => Client.Clusters.ResolveAsync(SwarmDefaults.ClusterName)).RootCa.JoinTokens.Worker;
        foreach (SimulatedClusterNode worker in _nodes.Skip(1))
        {
            StartNode(worker, join: true);
        }

        Require(Loop.RunUntil(() => State.All<Node>().Count(
            n => n.Status?.State == NodeStatus.Types.State.Ready) == _nodes.Count, StepLimit), "all nodes READY");
        Network.Options.DelayMin = _options.Network.DelayMin;
        Network.Options.DelayMax = _options.Network.DelayMax;
        Network.Options.LossProbability = _options.Network.LossProbability;
        Network.Options.ResetProbability = _options.Network.ResetProbability;
    }

    /// <summary>Adds a worker and has it join.</summary>
    /// <returns>The new node; it becomes READY as the world runs.</returns>
    public SimulatedClusterNode AddWorker()
    {
        int i = _nodes.Count;
        var node = new SimulatedClusterNode($"node-{i + 1}", $"10.0.{i / 250}.{(i % 250) + 1}:4242");
        _nodes.Add(node);
        StartNode(node, join: true);
        return node;
    }

    /// <summary>Ends a worker's process at once: its in-process tasks die with it, its disk stays.</summary>
    /// <param name="node">A worker that is up.</param>
    public void Crash(SimulatedClusterNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (node == Manager || !node.IsUp)
        {
            throw new InvalidOperationException($"{node.Name} cannot crash: it is the manager, whose memory would be lost, or it is down already.");
        }

        node.Host!.Crash();
        _wires.Crash(node.Name);
        Workload.Crash(node.Name);
    }

    /// <summary>Starts a crashed worker again, with what is on its disk.</summary>
    /// <param name="node">A worker that is down.</param>
    public void Restart(SimulatedClusterNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        StartNode(node, join: true);
    }

    /// <summary>Makes a call to the cluster and lets the world run until it is answered.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="call">The call, usually of <see cref="Client"/>.</param>
    /// <returns>The answer.</returns>
    public T Call<T>(Func<Task<T>> call) => Loop.Run(_operator, call, StepLimit);

    /// <summary>
    /// Whether what runs is what is wanted: for each service as many running tasks as it wants, known as RUNNING, none beside
    /// them, and no node unsettled.
    /// </summary>
    /// <returns>True if so.</returns>
    public bool IsConverged() => ClusterInvariants.Unconverged(State, Workload) is null;

    /// <summary>Runs until <see cref="IsConverged"/>.</summary>
    /// <param name="limit">Longest simulated time.</param>
    /// <exception cref="InvalidOperationException">It was not converged by then; the text says what was missing.</exception>
    public void Converge(TimeSpan limit)
    {
        if (!Loop.RunUntil(IsConverged, limit))
        {
            throw new InvalidOperationException($"seed {Loop.Seed}: not converged after {limit}: {ClusterInvariants.Unconverged(State, Workload)}");
        }
    }

    private void StartNode(SimulatedClusterNode node, bool join)
    {
        node.Lives++;
        SimulatedHost host = Loop.AddHost(node.Name);
        node.Host = host;
        InMemoryHost wire = _wires.AddHost(node.Name, host.Create("network"));
        var executor = new InProcessExecutor(host, new InProcessExecutorOptions { NanoCpus = _options.NanoCpus, MemoryBytes = _options.MemoryBytes });
        Workload.RegisterOn(executor, node.Name);
        node.Node = new SwarmNode(
            new SwarmNodeOptions
            {
                Hostname = node.Name,
                ListenRemoteApi = node.Address,
                JoinAddress = join ? Manager.Address : "",
                JoinToken = join ? _workerToken : "",
                StartTimeout = TimeSpan.FromMinutes(5),
            },
            new SwarmNodeParts
            {
                Executors = [executor],
                Identity = node.Identity,
                Tasks = node.Tasks,
                Transport = new InMemoryNodeTransport(wire, host.Create("services")),
                Issuer = _issuer,
                Mailboxes = host,
                Ids = new SeededIdSource(_seeds.Fork()),
                Seed = _seeds.NextUInt64(),
                Manager = new SwarmManagerOptions { Store = new StoreWriterOptions { DetectMutation = true, VerifyEntries = true } },
                Loggers = _loggers,
            });
        Task started = node.Node.StartAsync();
        if (node == Manager)
        {
            Require(Loop.RunUntil(() => started.IsCompleted, StepLimit), "the manager started");
            started.GetAwaiter().GetResult();
        }
        else
        {
            Watch(host, started);
        }
    }

    // A worker that cannot start is a failure of the world, unless it crashed meanwhile and nobody waits for it any more.
    private static void Watch(SimulatedHost host, Task started) => host.Create("watch").Post(async () => await started);

    private void Require(bool held, string what)
    {
        if (!held)
        {
            throw new InvalidOperationException($"seed {Loop.Seed}: not within {StepLimit}: {what}");
        }
    }
}
