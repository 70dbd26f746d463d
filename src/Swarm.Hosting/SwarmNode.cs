// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Net;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Swarm.Agent;
using Swarm.Api;
using Swarm.Client;
using Swarm.Core;
using Swarm.Manager;
using Swarm.Rpc;
using Swarm.Security;
using Swarm.Store;

namespace Swarm.Hosting;

/// <summary>
/// A node of a cluster: starts a cluster or joins one, keeps its certificate fresh, runs an agent, and the manager side where its role says so.
/// Started once and stopped once. Everything happens in one mailbox; the public methods are thread-safe.
/// </summary>
public sealed class SwarmNode : IAsyncDisposable
{
    private readonly SwarmNodeOptions _options;
    private readonly SwarmNodeParts _parts;
    private readonly Mailbox _mailbox;
    private readonly ILogger _logger;
    private readonly NodeCredentialsSource _credentials = new();
    private readonly NodeEnroller _enroller;
    private readonly CancellationTokenSource _stopping = new();
    private CertificateKeeper? _keeper;
    private IAsyncDisposable? _server;
    private SwarmAgent? _agent;
    private readonly TaskCompletionSource _startEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _started;
    private Task? _stopped;
    private Task _publishing = Task.CompletedTask;
    private LocalControl? _local;
    private readonly NodeTelemetry _telemetry;

    /// <summary>Makes a node; nothing happens before <see cref="StartAsync"/>.</summary>
    /// <param name="options">What to be.</param>
    /// <param name="parts">What to be built from. The node disposes the task store, and nothing else of it.</param>
    /// <exception cref="SwarmException">InvalidArgument: an option is wrong.</exception>
    public SwarmNode(SwarmNodeOptions options, SwarmNodeParts parts)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(parts);
        options.Validate();
        _options = options;
        _parts = parts;
        _logger = parts.Loggers.CreateLogger<SwarmNode>();
        _mailbox = parts.Mailboxes.Create("node");
        _enroller = new NodeEnroller(parts.Transport, parts.Issuer, parts.Mailboxes.Time, _logger);
        _telemetry = new NodeTelemetry(this, parts.Meters, parts.Mailboxes.Time);
        Client = new SwarmClient(new LocalCallInvoker(() => _local?.Invoker, () => Status), parts.Mailboxes.Time, SwarmClient.DefaultCallTimeout);
    }

    /// <summary>The node's id; empty before it has one.</summary>
    public string NodeId => _credentials.Current?.NodeId ?? "";

    /// <summary>The id of the cluster; empty before it is known.</summary>
    public string ClusterId => _credentials.Current?.Organization ?? "";

    /// <summary>The role of the node's certificate.</summary>
    public NodeRole Role => _credentials.Current?.Role ?? NodeRole.Worker;

    /// <summary>The node's certificate, followed when it is renewed.</summary>
    public NodeCredentialsSource Credentials => _credentials;

    /// <summary>The manager side; null on a worker, and before the node has started.</summary>
    public SwarmManager? Manager { get; private set; }

    /// <summary>
    /// A client of the cluster's control API, for the host program and for the work it runs. It speaks to the manager inside this process: on a node
    /// that has none its calls fail with FailedPrecondition, because the cluster takes orders from managers only.
    /// </summary>
    public SwarmClient Client { get; }

    /// <summary>How the node is at this moment.</summary>
    public SwarmNodeStatus Status => _telemetry.Status();

    /// <summary>
    /// Starts the node: returns when its agent runs and, on a manager, when it serves. Does not wait for other nodes once the
    /// node has joined.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Ends when the node runs.</returns>
    /// <exception cref="SwarmException">It cannot start; nothing is left running. The text says why and what to do.</exception>
    /// <exception cref="OperationCanceledException">Given up, or the node was stopped meanwhile; nothing is left running.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => _mailbox.RunAsync(() =>
    {
        if (_started || _stopped is not null)
        {
            throw new InvalidOperationException("a node is started once; make a new one to start again");
        }

        _started = true;
        return StartInMailboxAsync(cancellationToken);
    });

    /// <summary>
    /// Stops the node; ends its tasks if <see cref="SwarmNodeOptions.EndTasksAtStop"/> says so. A node that is starting gives that up first.
    /// A second call waits for the first.
    /// </summary>
    /// <returns>Ends when nothing of the node runs any more.</returns>
    public Task StopAsync() => _mailbox.RunAsync(() => _stopped ??= StopInMailboxAsync(_options.EndTasksAtStop));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
        _telemetry.Dispose();
    }

    private async Task StartInMailboxAsync(CancellationToken cancellationToken)
    {
        using Activity? activity = NodeTelemetry.Activities.StartActivity("swarm.node.start");
        _telemetry.Phase = SwarmNodePhase.Starting;
        try
        {
            using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, cancellationToken);
            await StartPartsAsync(giveUp.Token);
            giveUp.Token.ThrowIfCancellationRequested();
            _telemetry.Phase = SwarmNodePhase.Running;
            activity?.SetTag("swarm.node.id", NodeId).SetTag("swarm.cluster.id", ClusterId);
            HostingLog.Runs(_logger, NodeId, ClusterId, Role);
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);

            // Whoever stops waits for the start to have ended, so that is said before the parts are stopped, here or by them.
            _startEnded.TrySetResult();
            await (_stopped ??= StopInMailboxAsync(endTasks: false));
            throw;
        }

        _startEnded.TrySetResult();
    }

    private async Task StartPartsAsync(CancellationToken cancellationToken)
    {
        JoinToken? token = _options.JoinToken.Length > 0 ? JoinToken.Parse(_options.JoinToken) : null;
        NodeCredentials? known = _parts.Identity.Load(token);
        if (_options.Bootstrap is not null)
        {
            known = await new ClusterFormation(_options, _parts, _enroller, _logger).PrepareAsync(known, token, cancellationToken);
        }
        else if (known is null && token is not null)
        {
            known = await JoinAsync(token, cancellationToken);
        }

        ClusterBootstrap? bootstrap = null;
        if (known is null || known.Role == NodeRole.Manager)
        {
            bootstrap = known is null ? NewCluster() : OldCluster(known);
            known = bootstrap.Node;
        }

        RequireValid(known);
        _credentials.Replace(known);
        if (bootstrap is not null)
        {
            await StartManagerAsync(bootstrap, cancellationToken);
        }

        await StartAgentAsync(known, cancellationToken);
    }

    private async Task<NodeCredentials> JoinAsync(JoinToken token, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.StartTimeout, _parts.Mailboxes.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var join = new JoinOptions { Token = token, Availability = _options.Availability };
        NodeCredentials joined;
        try
        {
            joined = await _enroller.JoinAsync(() => _options.JoinAddress, join, linked.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SwarmException(SwarmErrorCode.DeadlineExceeded,
                $"joining at {_options.JoinAddress} took longer than {_options.StartTimeout.TotalSeconds:0} s");
        }

        ClusterFormation.RequireWorker(joined);
        _parts.Identity.SaveManagers([_options.JoinAddress]);
        _parts.Identity.Save(joined);
        HostingLog.Joined(_logger, joined.Organization, joined.Role, joined.NodeId);
        return joined;
    }

    private ClusterBootstrap NewCluster()
    {
        ClusterBootstrap made = ClusterBootstrap.Create(_parts.Issuer, _parts.Ids, _parts.Mailboxes.Time);
        HostingLog.ClusterStarts(_logger, made.ClusterId, made.Node.NodeId);
        return With(made.ClusterId, made.Ca, made.Node);
    }

    private ClusterBootstrap OldCluster(NodeCredentials known)
    {
        CertificateKeyPair root = _parts.Identity.LoadRoot() ?? throw new SwarmException(
            SwarmErrorCode.FailedPrecondition,
            $"this node is a manager of cluster {known.Organization}, but the key of the cluster's authority is not in its state directory: start from an empty one");
        var ca = new ClusterCa(_parts.Issuer, root);
        HostingLog.MemoryIsLost(_logger, known.Organization);
        DateTimeOffset now = _parts.Mailboxes.Time.GetUtcNow();
        return With(known.Organization, ca, known.NotAfter > now
            ? known
            : ca.IssueCredentials(known.NodeId, NodeRole.Manager, known.Organization, SwarmDefaults.NodeCertificateExpiry, now));
    }

    private ClusterBootstrap With(string clusterId, ClusterCa ca, NodeCredentials node) =>
        new(clusterId, ca, ca.CreateToken(), ca.CreateToken(), node) { Availability = _options.Availability };

    private void RequireValid(NodeCredentials known)
    {
        DateTimeOffset now = _parts.Mailboxes.Time.GetUtcNow();
        if (known.NotAfter <= now)
        {
            throw new SwarmException(
                SwarmErrorCode.FailedPrecondition,
                $"the node's certificate expired at {known.NotAfter:u}: empty its state directory and join again with a token (swarmctl cluster inspect default, on a manager)");
        }
    }

    private async Task StartManagerAsync(ClusterBootstrap bootstrap, CancellationToken cancellationToken)
    {
        SwarmManagerOptions options = _parts.Manager;
        options.AdvertiseAddress = NodeAddresses.Advertised(_options.AdvertiseRemoteApi, _options.ListenRemoteApi);
        Manager = new SwarmManager(
            options,
            bootstrap,
            _parts.Mailboxes,
            _parts.Ids,
            _parts.Issuer,
            new SeededRandom(_parts.Seed, 1).NextUInt64(),
            _parts.Proposer?.Invoke(_parts.Mailboxes.Create("log")),
            loggers: _parts.Loggers);
        var serve = new RpcServerOptions
        {
            RemoteAddress = _options.ListenRemoteApi,
            RemoteServices = Manager.RemoteServices,
            ControlSocketPath = _options.ListenControlApi.Length > 0 ? _options.ListenControlApi : null,
            LocalServices = Manager.LocalServices,
            IsBlacklisted = Manager.IsBlacklisted,
            Time = _parts.Mailboxes.Time,
        };

        // First the doors, which may be taken, then the state: a node that cannot serve leaves nothing behind.
        _server = await _parts.Transport.ServeAsync(serve, _credentials, cancellationToken);
        _parts.Identity.SaveRoot(new CertificateKeyPair(bootstrap.Ca.CertificatePem, bootstrap.Ca.KeyPem));
        _parts.Identity.Save(bootstrap.Node);
        if (_options.Bootstrap is not null)
        {
            // Before anybody can join: from here on no other node makes this cluster again.
            KeepMark(bootstrap.ClusterId);
            await (_parts.TokenPublisher?.PublishAsync(bootstrap.WorkerToken.Text, cancellationToken) ?? ValueTask.CompletedTask);
        }

        await Manager.StartAsync(cancellationToken);
        _local = new LocalControl(Manager, _credentials, _parts.Mailboxes);
        _publishing = PublishTokensAsync(Manager, bootstrap.WorkerToken.Text);
    }

    // The token that is published, and the managers that answer, still keep a second cluster away.
    private void KeepMark(string clusterId)
    {
        try
        {
            _parts.Identity.SaveClusterMark(clusterId);
        }
        catch (SwarmException e)
        {
            HostingLog.MarkNotKept(_logger, e.Message);
        }
    }

    // The operator may replace the token at any time; who joins later needs the new one.
    private async Task PublishTokensAsync(SwarmManager manager, string published)
    {
        if (_options.Bootstrap is null || _parts.TokenPublisher is not { } publisher)
        {
            return;
        }

        try
        {
            using FeedReader feed = manager.Writer.Feed.Subscribe();
            while (await feed.WaitAsync(_stopping.Token))
            {
                string token = published;
                while (feed.TryRead(out FeedItem? item))
                {
                    token = item.View.All<Cluster>().FirstOrDefault()?.RootCa?.JoinTokens?.Worker ?? token;
                }

                if (token != published)
                {
                    published = token;
                    await PublishAsync(publisher, token);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private async Task PublishAsync(IJoinTokenPublisher publisher, string token)
    {
        try
        {
            await publisher.PublishAsync(token, _stopping.Token);
        }
        catch (SwarmException e)
        {
            HostingLog.TokenNotPublished(_logger, e.Message);
        }
    }

    private async Task StartAgentAsync(NodeCredentials known, CancellationToken cancellationToken)
    {
        SwarmAgentOptions options = _parts.Agent;
        options.NodeId = known.NodeId;
        options.Hostname = _options.Hostname.Length > 0 ? _options.Hostname : Dns.GetHostName();
        options.TlsInfo = () => _credentials.Current?.TlsInfo;
        foreach ((string key, string value) in _options.EngineLabels)
        {
            options.EngineLabels[key] = value;
        }

        var random = new SeededRandom(_parts.Seed, 2);
        string[] managers = await KnownManagersAsync(cancellationToken);
        _keeper = new CertificateKeeper(_enroller, _credentials, _parts.Identity, _mailbox, random.Fork(), managers,
            _logger, _telemetry) { Renewed = () => _agent?.ReopenSession() };
        var picker = new ManagerPicker(random.Fork());
        foreach (string manager in managers)
        {
            picker.Observe(new ManagerPeer("", manager), ManagerPicker.ObservationWeight);
        }

        IRpcConnector connector = _parts.Transport.CreateConnector(RpcTrust.Mutual(_credentials));
        if (Manager is not null)
        {
            connector = new OwnAddressConnector(connector, _parts.Manager.AdvertiseAddress, managers[0]);
        }

        _agent = new SwarmAgent(
            options, _parts.Executors, _parts.Tasks, connector, picker, _parts.Mailboxes, random.Fork(), new Observer(this),
                _parts.Loggers.CreateLogger<SwarmAgent>());
        await _agent.StartAsync(cancellationToken);
        _keeper.Start(_stopping.Token);
    }

    private async Task<string[]> KnownManagersAsync(CancellationToken cancellationToken)
    {
        if (Manager is not null)
        {
            return [NodeAddresses.Dialled(_options.ListenRemoteApi)];
        }

        var known = new List<string>(_parts.Identity.LoadManagers());
        if (_options.JoinAddress.Length > 0 && !known.Contains(_options.JoinAddress))
        {
            known.Insert(0, _options.JoinAddress);
        }

        if (_parts.Discovery is { } discovery)
        {
            known.AddRange((await DiscoverAsync(discovery, known.Count == 0, cancellationToken)).Except(known));
        }

        return known.Count > 0
            ? [.. known.Take(SwarmNodeOptions.ManagersMax)]
            : throw new SwarmException(SwarmErrorCode.FailedPrecondition,
                "the node has joined a cluster but knows no manager: give the address of one (--join-addr, with --join-token)");
    }

    private async Task<IReadOnlyList<string>> DiscoverAsync(IManagerDiscovery discovery, bool isNeeded, CancellationToken cancellationToken)
    {
        try
        {
            return await discovery.GetManagersAsync(cancellationToken);
        }
        catch (SwarmException e) when (!isNeeded)
        {
            HostingLog.NotDiscovered(_logger, e.Message);
            return [];
        }
    }

    private async Task StopInMailboxAsync(bool endTasks)
    {
        bool ran = _telemetry.Phase == SwarmNodePhase.Running;
        _telemetry.Phase = SwarmNodePhase.Stopping;
        using Activity? activity = NodeTelemetry.Activities.StartActivity("swarm.node.stop");
        activity?.SetTag("swarm.node.id", NodeId);
        _stopping.Cancel();
        if (_started)
        {
            await _startEnded.Task;
        }

        if (ran)
        {
            HostingLog.Stops(_logger, NodeId, endTasks ? "ended" : "left to run where they can");
        }

        // Each part is stopped whatever becomes of the others.
        try
        {
            await (_agent?.StopAsync(endTasks) ?? Task.CompletedTask);
            await (_keeper?.StopAsync() ?? Task.CompletedTask);
            await _publishing;
            await (_local?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        finally
        {
            try
            {
                await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
            }
            finally
            {
                try
                {
                    await (Manager?.DisposeAsync() ?? ValueTask.CompletedTask);
                }
                finally
                {
                    _telemetry.Phase = SwarmNodePhase.Stopped;
                    await _parts.Tasks.DisposeAsync();
                }
            }
        }
    }

    // A disk that refuses costs the node its next start, not its present life.
    private void KeepManagers(IReadOnlyList<string> addresses)
    {
        try
        {
            _parts.Identity.SaveManagers(addresses);
        }
        catch (SwarmException e)
        {
            HostingLog.ManagersNotKept(_logger, e.Message);
        }
    }

    // Called in the agent's mailbox; the node's own state is changed in its own.
    private sealed class Observer(SwarmNode node) : IAgentObserver
    {
        public void OnSessionOpened(string sessionId, string manager)
        {
            HostingLog.SessionOpened(node._logger, manager);
            node._telemetry.SessionOpened(manager);
        }

        public void OnSessionLost(SwarmErrorCode code, string reason)
        {
            string hint = code == SwarmErrorCode.NotFound
                ? "; the manager does not know this node: it was removed, or the manager lost its memory at a restart. To be in the cluster again it has to join from an empty state directory"
                : "";
            HostingLog.SessionLost(node._logger, code, reason, hint);
            node._telemetry.SessionLost(reason);
        }

        public void OnExecutorDescribed(string executor, string problem) => node._telemetry.ExecutorDescribed(executor, problem);

        public void OnNodeChanged(Node changed) => node._mailbox.Post(() => node._keeper?.OnNodeChanged(changed));

        public void OnManagersChanged(IReadOnlyList<WeightedPeer> managers) => node._mailbox.Post(() =>
        {
            string[] addresses = [.. managers.Select(m => m.Peer?.Addr ?? "").Where(a => a.Length > 0)];
            if (addresses.Length > 0 && node.Manager is null && node._stopped is null)
            {
                node._keeper?.OnManagersChanged(addresses);
                node.KeepManagers(addresses);
            }
        });

        public void OnRootCaChanged(ByteString rootCaPem) => node._mailbox.Post(() => node._keeper?.OnRootChanged(rootCaPem, node._parts.Issuer));
    }
}
