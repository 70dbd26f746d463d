// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Swarm.Client;
using Swarm.Core;
using Swarm.Hosting;
using Swarm.Manager;
using Swarm.Rpc;
using Swarm.Runtime;
using Swarm.Security;
using Swarm.Store;

namespace Swarm.Testing;

/// <summary>
/// A cluster inside the test process: real nodes on the thread pool, joined with real certificates over an in-memory network. For simulated time
/// and faults from a seed, see <see cref="SimulatedCluster"/>. Its methods are for one caller at a time.
/// </summary>
public sealed class InProcessCluster : IAsyncDisposable
{
    private readonly InProcessClusterOptions _options;
    private readonly InProcessClusterMailboxes _mailboxes;
    private readonly InProcessClusterLinks _links = new();
    private readonly InMemoryNetwork _wires;
    private readonly List<InProcessClusterNode> _nodes = [];
    private string _workerToken = "";

    private InProcessCluster(InProcessClusterOptions options)
    {
        _options = options;
        _mailboxes = new InProcessClusterMailboxes(options.Time);
        _wires = new InMemoryNetwork(new InMemoryNetworkOptions { Policy = _links }, logger: options.Loggers.CreateLogger<InMemoryNetwork>());
    }

    /// <summary>All nodes, the manager first.</summary>
    public IReadOnlyList<InProcessClusterNode> Nodes => _nodes;

    /// <summary>A client of the manager.</summary>
    public SwarmClient Client { get; private set; } = null!;

    /// <summary>What really runs of services made with <see cref="TestWorkload.Service"/>.</summary>
    public TestWorkload Workload { get; } = new();

    /// <summary>The committed state of the cluster.</summary>
    public StoreView State => Writer.Committed;

    /// <summary>The manager's writer.</summary>
    public StoreWriter Writer => _nodes[0].Node!.Manager!.Writer;

    /// <summary>Starts a cluster and waits until all its nodes are READY.</summary>
    /// <param name="options">What it is made of; the defaults when left out.</param>
    /// <returns>The running cluster.</returns>
    /// <exception cref="TimeoutException">It was not ready in time.</exception>
    public static async Task<InProcessCluster> StartAsync(InProcessClusterOptions? options = null)
    {
        var cluster = new InProcessCluster(options ?? new InProcessClusterOptions());
        try
        {
            await cluster.StartManagerAsync();
            for (int i = 0; i < cluster._options.Workers; i++)
            {
                await cluster.AddWorkerAsync();
            }

            await cluster.UntilAsync(
                "all nodes are READY",
                s => s.All<Api.Node>().Count(n => n.Status?.State == Api.NodeStatus.Types.State.Ready) == cluster._nodes.Count,
                cluster._options.StartTimeout);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Adds a worker; it has joined when this returns, and becomes READY soon after.</summary>
    /// <returns>The node.</returns>
    public async Task<InProcessClusterNode> AddWorkerAsync()
    {
        InProcessClusterNode node = MakeNode();
        await StartAsync(node, join: true);
        return node;
    }

    /// <summary>Stops a worker, ending its tasks.</summary>
    /// <param name="node">A worker that runs.</param>
    /// <returns>Ends when it has stopped.</returns>
    public async Task StopAsync(InProcessClusterNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (!_nodes.Contains(node) || node.Node is null)
        {
            throw new InvalidOperationException($"{node.Name} is not a running node of this cluster.");
        }

        await node.Node.DisposeAsync();
        node.Node = null;
    }

    /// <summary>Starts a stopped worker again, with its old identity.</summary>
    /// <param name="node">A worker that is stopped.</param>
    /// <returns>Ends when its agent runs.</returns>
    public Task StartAsync(InProcessClusterNode node) => StartAsync(node, join: true);

    /// <summary>
    /// Cuts a node off from all others: what it sends and what is sent to it is lost, as when its cable is pulled. Its tasks go on.
    /// </summary>
    /// <param name="node">The node.</param>
    public void Isolate(InProcessClusterNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        _links.Isolate(node.Name);
    }

    /// <summary>Connects all nodes again.</summary>
    public void Heal() => _links.Heal();

    /// <summary>
    /// Waits until all that is left to happen waits for time to pass. With a clock that only the test moves, moving it a little and then waiting
    /// here, again and again, lets hours pass in no time, as they would have passed for real. Work that tasks of <see cref="Workload"/> or
    /// other executors do outside of mailboxes is not seen.
    /// </summary>
    /// <returns>Ends when the cluster is at rest.</returns>
    public Task SettleAsync() => _mailboxes.SettledAsync();

    /// <summary>Waits until the committed state satisfies a condition; looks at it after each commit and whenever a task starts or ends.</summary>
    /// <param name="what">What is waited for, for the error.</param>
    /// <param name="condition">The condition.</param>
    /// <param name="timeout">Longest wait by the real clock; 30 s when left out.</param>
    /// <returns>Ends when the condition holds.</returns>
    /// <exception cref="TimeoutException">It did not hold in time.</exception>
    public async Task UntilAsync(string what, Func<StoreView, bool> condition, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        TimeSpan limit = timeout ?? TimeSpan.FromSeconds(30);
#pragma warning disable RS0030 // The shell that keeps a test from hanging, whatever clock the cluster has.
        using var late = new CancellationTokenSource(limit);
#pragma warning restore RS0030
        using FeedReader reader = Writer.Feed.Subscribe();

        // Conditions look at the workload too, which may change after the last commit: a task is known as RUNNING before it runs.
        Channel<bool> changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        void Wake() => changes.Writer.TryWrite(true);
        Workload.Changed += Wake;
        Task pump = PumpAsync(reader, Wake);
        try
        {
            while (!condition(State))
            {
                await changes.Reader.ReadAsync(late.Token);
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            throw new TimeoutException($"not within {limit}: {what}; {ClusterInvariants.Unconverged(State, Workload)}");
        }
        finally
        {
            Workload.Changed -= Wake;
            reader.Dispose();
            await pump;
        }
    }

    /// <summary>Waits until each service has all its tasks running, and nothing else runs.</summary>
    /// <param name="timeout">Longest wait by the real clock; 30 s when left out.</param>
    /// <returns>Ends when the cluster is converged.</returns>
    /// <exception cref="TimeoutException">It was not in time.</exception>
    public Task ConvergeAsync(TimeSpan? timeout = null) =>
        UntilAsync("the cluster is converged", state => ClusterInvariants.Unconverged(state, Workload) is null, timeout);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (InProcessClusterNode node in Enumerable.Reverse(_nodes))
        {
            if (node.Node is not null)
            {
                await node.Node.DisposeAsync();
                node.Node = null;
            }
        }
    }

    // Only the state as it is now counts, not the steps to it.
    private static async Task PumpAsync(FeedReader reader, Action wake)
    {
        while (await reader.WaitAsync())
        {
            while (reader.TryRead(out _))
            {
                wake();
            }
        }
    }

    private async Task StartManagerAsync()
    {
        InProcessClusterNode manager = MakeNode();
        await StartAsync(manager, join: false);
        IRpcConnection control = _wires.AddHost(manager.Name, _mailboxes.Create("client"))
            .CreateConnector(RpcTrust.Mutual(manager.Node!.Credentials))
            .Connect(manager.Address, SwarmRoleNames.Manager);
        Client = new SwarmClient(control.Invoker, _options.Time);
        _workerToken = (await Client.Clusters.ResolveAsync(SwarmDefaults.ClusterName)).RootCa.JoinTokens.Worker;
    }

    private InProcessClusterNode MakeNode()
    {
        int number = _nodes.Count + 1;
        string name = $"node-{number}";
        var workload = new InProcessExecutor(_mailboxes);
        Workload.RegisterOn(workload, name);
        var node = new InProcessClusterNode(name, $"10.0.{number / 250}.{number % 250}:4242", [workload, .. _options.Executors(name)]);
        _nodes.Add(node);
        return node;
    }

    private async Task StartAsync(InProcessClusterNode node, bool join)
    {
        var options = new SwarmNodeOptions
        {
            Hostname = node.Name,
            ListenRemoteApi = node.Address,
            JoinAddress = join ? _nodes[0].Address : "",
            JoinToken = join ? _workerToken : "",
        };
        InMemoryHost wire = _wires.AddHost(node.Name, _mailboxes.Create($"{node.Name}/network"));
        node.Node = new SwarmNode(options, new SwarmNodeParts
        {
            Executors = node.Executors,
            Identity = node.Identity,
            Tasks = node.Tasks,
            Transport = new InMemoryNodeTransport(wire, _mailboxes.Create($"{node.Name}/services")),
            Mailboxes = _mailboxes,
            Manager = new SwarmManagerOptions { Store = new StoreWriterOptions { DetectMutation = true } },
            Loggers = _options.Loggers,
        });
        await node.Node.StartAsync();
    }
}
