// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Microsoft.Extensions.Logging;
using Swarm.Agent;
using Swarm.Api;
using Swarm.Core;
using Swarm.Manager;
using Swarm.Rpc;
using Swarm.Security;

namespace Swarm.Hosting;

/// <content>How a node starts: joins or makes a cluster, then its manager side, then its agent.</content>
public sealed partial class SwarmNode
{
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
        _knownManagers = managers;
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
}
