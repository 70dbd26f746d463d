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
using Swarm.Store.Testing;

namespace Swarm.Testing;

/// <summary>
/// A whole cluster in one thread under simulated time: one manager and its workers, running the code of real nodes over a simulated
/// network, with crashes and partitions on request. The same seed gives the same run. Not thread-safe.
/// </summary>
public sealed class SimulatedCluster
{
    private static readonly TimeSpan StepLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan StartAgainAfter = TimeSpan.FromSeconds(10);

    private readonly SimulatedClusterOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly List<SimulatedClusterNode> _nodes = [];
    private readonly InMemoryNetwork _wires;
    private readonly SeededRandom _seeds;
    private readonly ICertificateIssuer _issuer;
    private readonly Mailbox _operator;
    private readonly Mailbox _supervisor;
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
        _supervisor = Loop.AddHost("supervisor").Create("supervisor");
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

    /// <summary>Makes a call that gives nothing, and lets the world run until it is answered.</summary>
    /// <param name="call">The call, usually of <see cref="Client"/>.</param>
    public void Call(Func<Task> call) => Loop.Run(_operator, call, StepLimit);

    /// <summary>
    /// Makes the manager lose its leadership after a while, and win it again a moment later. Of what it had written but not yet committed some is
    /// lost, and some commits after its callers were told that nobody knows. Needs <see cref="SimulatedClusterOptions.Log"/>.
    /// </summary>
    /// <param name="after">Simulated time until then.</param>
    /// <exception cref="InvalidOperationException">The log is one that cannot lose anything.</exception>
    public void LoseLeadership(TimeSpan after)
    {
        FaultyProposer log = Manager.Log ?? throw new InvalidOperationException("SimulatedClusterOptions.Log is not set: this log cannot lose its leader.");
        _supervisor.Post(async () =>
        {
            await Task.Delay(after, _supervisor.Time);
            log.LoseLeadership();
        });
    }

    /// <summary>Times the manager lost its leadership so far.</summary>
    public int ReignsEnded => Manager.Log?.ReignsEnded ?? 0;

    /// <summary>Entries that were written and then lost with their reign, so far.</summary>
    public int EntriesLost => Manager.Log?.EntriesLost ?? 0;

    /// <summary>Entries that committed after their reign had ended, so far.</summary>
    public int EntriesCommittedLate => Manager.Log?.EntriesCommittedLate ?? 0;

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
        // To look at everything after each of a million steps would take most of the time: only what changed is looked at.
        (StoreView State, long Workload) looked = default;
        bool LooksConverged()
        {
            var now = (State, Workload.Version);
            if (now == looked)
            {
                return false;
            }

            looked = now;
            return IsConverged();
        }

        if (!Loop.RunUntil(LooksConverged, limit))
        {
            throw new InvalidOperationException($"seed {Loop.Seed}: not converged after {limit}: {ClusterInvariants.Unconverged(State, Workload)}");
        }
    }

    private void StartNode(SimulatedClusterNode node, bool join)
    {
        node.Lives++;
        SimulatedHost host = Loop.AddHost(node.Name, join ? _seeds.NextTimeSpan(-_options.ClockOffsetMax, _options.ClockOffsetMax) : TimeSpan.Zero);
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
                Proposer = _options.Log is { } faults ? mailbox => Manager.Log = new FaultyProposer(mailbox, _seeds.NextUInt64(), faults) : null,
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
            Watch(node, host, started);
        }
    }

    // As a service manager does: a worker that could not reach its manager is started again, a while later. Any other failure to start
    // is a failure of the world.
    private void Watch(SimulatedClusterNode node, SimulatedHost host, Task started) => host.Create("watch").Post(async () =>
    {
        try
        {
            await started;
        }
        catch (SwarmException e) when (e.Code is SwarmErrorCode.Unavailable or SwarmErrorCode.DeadlineExceeded)
        {
            _supervisor.Post(() => Revive(node, host));
        }
    });

    private async void Revive(SimulatedClusterNode node, SimulatedHost failed)
    {
        if (node.Host == failed && node.IsUp)
        {
            Crash(node);
            await Task.Delay(StartAgainAfter, _supervisor.Time);
            if (!node.IsUp)
            {
                Restart(node);
            }
        }
    }

    private void Require(bool held, string what)
    {
        if (!held)
        {
            throw new InvalidOperationException($"seed {Loop.Seed}: not within {StepLimit}: {what}");
        }
    }
}
