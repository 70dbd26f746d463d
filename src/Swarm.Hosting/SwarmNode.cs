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
public sealed partial class SwarmNode : IAsyncDisposable
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
    private IReadOnlyList<string> _knownManagers = [];
    private int _losses;
    private bool _asking;

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
}
