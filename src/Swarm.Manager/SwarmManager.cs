// SPDX-License-Identifier: Apache-2.0
using System.Reflection;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration;
using Swarm.Security;
using Swarm.Store;
using Serving = Swarm.Api.HealthCheckResponse.Types.ServingStatus;

namespace Swarm.Manager;

/// <summary>
/// A manager of a cluster: the store with its controllers, and all services that nodes and people call. It listens nowhere itself: give
/// <see cref="RemoteServices"/> and <see cref="LocalServices"/> to an <c>RpcServer</c>, or to an in-memory network. While it
/// leads it dispatches, signs and brings logs; at the start of each reign it makes sure that the cluster and its own node are in the store.
/// Thread-safe.
/// </summary>
public sealed class SwarmManager : IAsyncDisposable
{
    private readonly SwarmManagerOptions _options;
    private readonly ClusterBootstrap _bootstrap;
    private readonly Mailbox _mailbox;
    private readonly ILogger _logger;
    private readonly DispatcherService _dispatcher;
    private readonly NodeCaService _nodeCa;
    private readonly LogBrokerService _logBroker;
    private readonly HealthService _health = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _disposeGate = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _disposed;
    private readonly LocalProposer? _ownProposer;
    private bool _started;

    /// <summary>Makes a manager; <see cref="StartAsync"/> it to begin.</summary>
    /// <param name="options">Settings; checked here.</param>
    /// <param name="bootstrap">The cluster it starts, unless the store holds one, and its own node.</param>
    /// <param name="mailboxes">Where everything runs, and the clock.</param>
    /// <param name="ids">For ids of sessions and subscriptions. (Ids of objects come from the writer's own seed.)</param>
    /// <param name="issuer">Signs certificates.</param>
    /// <param name="seed">For everything that is drawn at random but not secret.</param>
    /// <param name="proposer">Where writes go; a log in the memory of this process if null.</param>
    /// <param name="controllers">What works in the writer; <see cref="OrchestrationControllers.Default"/> if null.</param>
    /// <param name="loggers">Where failures go; nowhere if null.</param>
    /// <exception cref="ArgumentException">A setting is missing or out of its range.</exception>
    public SwarmManager(
        SwarmManagerOptions options,
        ClusterBootstrap bootstrap,
        IMailboxFactory mailboxes,
        IIdSource ids,
        ICertificateIssuer issuer,
        ulong seed,
        IProposer? proposer = null,
        IReadOnlyList<Func<IController>>? controllers = null,
        ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(bootstrap);
        ArgumentNullException.ThrowIfNull(mailboxes);
        options.Validate();
        loggers ??= NullLoggerFactory.Instance;
        _options = options;
        _bootstrap = bootstrap;
        _logger = loggers.CreateLogger<SwarmManager>();
        _mailbox = mailboxes.Create("manager");
        var random = new SeededRandom(seed);
        Mailbox writing = mailboxes.Create("store");
        Writer = new StoreWriter(
            options.Store,
            proposer ?? (_ownProposer = new LocalProposer(writing)),
            controllers ?? OrchestrationControllers.Default(),
            writing,
            random.NextUInt64(),
            loggers.CreateLogger<StoreWriter>());
        _dispatcher = new DispatcherService(
            Writer,
            options.Dispatcher,
            mailboxes.Create("dispatcher"),
            bootstrap.Node.NodeId,
            options.AdvertiseAddress,
            ids,
            random.NextUInt64(),
            loggers.CreateLogger<DispatcherService>());
        _nodeCa = new NodeCaService(Writer, options.Ca, issuer, mailboxes.Create("ca"), loggers.CreateLogger<NodeCaService>());
        _logBroker = new LogBrokerService(
            Writer, options.LogBroker, mailboxes.Create("logs"), ids, loggers.CreateLogger<LogBrokerService>());
        RemoteServices = BindRemote(new ControlService(Writer, issuer, roster: Roster));
        LocalServices = RemoteServices;
    }

    /// <summary>The one writer of this manager's store.</summary>
    public StoreWriter Writer { get; }

    /// <summary>The managers there are. Without consensus this is the one manager itself.</summary>
    public ManagerRoster Roster { get; } = new();

    /// <summary>What other nodes may call, each method as its caller's role allows.</summary>
    public IReadOnlyList<ServerServiceDefinition> RemoteServices { get; }

    /// <summary>What may be called from this machine: over the control socket, or from inside the process.</summary>
    public IReadOnlyList<ServerServiceDefinition> LocalServices { get; }

    /// <summary>Whether a certificate is barred because its node was removed. For the servers that take calls for this manager.</summary>
    /// <param name="nodeId">The node the certificate names.</param>
    /// <returns>True if calls with it are to be refused.</returns>
    public bool IsBlacklisted(string nodeId) =>
        Writer.Committed.All<Cluster>().FirstOrDefault()?.BlacklistedCertificates.ContainsKey(nodeId) ?? false;

    /// <summary>Begins.</summary>
    /// <param name="cancellationToken">Gives up waiting; the manager goes on starting.</param>
    /// <returns>Ends when the store holds the cluster, so that calls can be answered.</returns>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (_started)
        {
            throw new InvalidOperationException("A manager is started once.");
        }

        _started = true;
        _dispatcher.Start();
        Roster.Changed += (_, _) => _dispatcher.SetManagers(Roster.ToPeers());
        NoteReign();
        Writer.ReignChanged += OnReignChanged;
        _nodeCa.Start();
        _logBroker.Start();
        _health.SetStatus(HealthService.Raft, Serving.Serving);
        Task following = _mailbox.RunAsync(WaitForClusterAsync);
        Writer.Start();
        using (cancellationToken.Register(() => _ready.TrySetCanceled(cancellationToken)))
        {
            await _ready.Task;
        }

        await following;
        _health.SetStatus(HealthService.ControlApi, Serving.Serving);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_disposeGate)
        {
            return new ValueTask(_disposed ??= DisposeOnceAsync());
        }
    }

    private async Task DisposeOnceAsync()
    {
        _health.SetStatus(HealthService.ControlApi, Serving.NotServing);
        _health.SetStatus(HealthService.Raft, Serving.NotServing);
        Writer.ReignChanged -= OnReignChanged;
        await _mailbox.InvokeAsync(() =>
        {
            _stopping.Cancel();
            return true;
        });
        await _dispatcher.DisposeAsync();
        await _nodeCa.DisposeAsync();
        await _logBroker.DisposeAsync();
        await Writer.DisposeAsync();
        _ownProposer?.Dispose();
        _stopping.Dispose();
    }

    private List<ServerServiceDefinition> BindRemote(ControlService control)
    {
        Assembly own = typeof(SwarmManager).Assembly;
        string version = own.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        return
        [
            Dispatcher.BindService(_dispatcher),
            CA.BindService(new CaService(Writer)),
            NodeCA.BindService(_nodeCa),
            LogBroker.BindService(_logBroker),
            Logs.BindService(new LogsService(_logBroker)),
            Control.BindService(control),
            Api.Health.BindService(_health),
            Api.Ext.Departure.BindService(new DepartureService(_dispatcher)),
            Api.Ext.Peer.BindService(new PeerService(version, [NodeDeparture.Feature, .. _options.Features])),
        ];
    }

    private async Task WaitForClusterAsync()
    {
        using FeedReader feed = Writer.Feed.Subscribe();
        while (await feed.WaitAsync(_stopping.Token))
        {
            while (feed.TryRead(out FeedItem? item))
            {
                if (item.View.All<Cluster>().Any())
                {
                    _ready.TrySetResult();
                    return;
                }
            }
        }
    }

    private void OnReignChanged(object? sender, ReignChangedEventArgs e) => _mailbox.Post(() =>
    {
        NoteReign();
        if (e.IsLeading)
        {
            WriteBootstrap();
        }
    });

    private void NoteReign() => Roster.Set(
    [
        new ManagerMember(
            _bootstrap.Node.NodeId, _options.AdvertiseAddress, Writer.IsLeading, RaftMemberStatus.Types.Reachability.Reachable),
    ]);

    private async void WriteBootstrap()
    {
        try
        {
            await Writer.SubmitAsync("manager.bootstrap", _bootstrap.WriteTo, _stopping.Token);
        }
        catch (SwarmException e) when (e.Code is SwarmErrorCode.NotLeader or SwarmErrorCode.OutcomeUnknown)
        {
            // The next reign does it.
        }
        catch (SwarmException e)
        {
            ManagerLog.BootstrapFailed(_logger, e);
        }
        catch (OperationCanceledException)
        {
            // The manager stops.
        }
    }
}
