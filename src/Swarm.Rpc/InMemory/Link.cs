// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Rpc.InMemory;

/// <summary>
/// One connection: a handshake, then the pieces of its calls in both directions, until it breaks. Client calls live in the client's
/// mailbox, server calls in the server's; only what is under the lock is shared.
/// </summary>
#pragma warning disable CA1001 // A link ends by breaking, which disposes its timers.
internal sealed class Link
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private readonly InMemoryNetwork _network;
    private readonly Direction _toServer;
    private readonly Direction _toClient;
    private readonly List<ClientCall> _clientCalls = [];
    private readonly List<ServerCall> _serverCalls = [];
    private readonly Queue<Action> _beforeOpen = new();
    private readonly LinkedListNode<Link> _node;
    private ITimer? _connectTimer;
    private ITimer? _lossTimer;
    private SwarmException? _broken;
    private string? _crashed;
    private bool _open;

    private Link(InMemoryNetwork network, Side client, Side server, Listener? listener)
    {
        _network = network;
        Client = client;
        Server = server;
        Listener = listener;
        _toServer = new Direction(server, _gate);
        _toClient = new Direction(client, _gate);
        _node = network.Register(this);
    }

    public Side Client { get; }

    public Side Server { get; }

    public Listener? Listener { get; }

    public PeerIdentity? Peer { get; private set; }

    public bool IsBroken => Volatile.Read(ref _broken) is not null;

    /// <summary>Begins a connection; calls may be added at once and are sent when it is open.</summary>
    public static Link Open(InMemoryNetwork network, Side client, RpcTrust trust, string address, string serverName)
    {
        Listener? listener = network.Find(client.Host, address);
        int colon = address.LastIndexOf(':');
        var server = listener?.Side ?? new Side(colon > 0 ? address[..colon] : address, client.Mailbox);
        var link = new Link(network, client, server, listener);
        link._connectTimer = client.Mailbox.Time.CreateTimer(
            _ => link.ConnectTimedOut(address), null, network.Options.ConnectTimeout, Timeout.InfiniteTimeSpan);
        ByteString? certificate = trust.Credentials?.Current?.Pair.CertificatePem;
        link.Send(toServer: true, certificate?.Length ?? 0, () => link.Accept(certificate, trust, address, serverName));
        return link;
    }

    /// <summary>Adds a call; if the connection is broken already, the call fails.</summary>
    public void Add(ClientCall call)
    {
        SwarmException? refusal;
        lock (_gate)
        {
            refusal = _broken ?? (_clientCalls.Count >= _network.Options.CallsPerConnectionMax
                ? new SwarmException(SwarmErrorCode.ResourceExhausted, "too many calls are open on this connection")
                : null);
            if (refusal is null)
            {
                _clientCalls.Add(call);
            }
        }

        if (refusal is not null)
        {
            call.Fail(refusal);
        }
    }

    public void Remove(ClientCall call)
    {
        lock (_gate)
        {
            _clientCalls.Remove(call);
        }
    }

    public void Add(ServerCall call)
    {
        lock (_gate)
        {
            _serverCalls.Add(call);
        }
    }

    public void Remove(ServerCall call)
    {
        lock (_gate)
        {
            _serverCalls.Remove(call);
        }
    }

    /// <summary>Sends a piece of a call; before the connection is open, it waits for its turn.</summary>
    public void SendToServer(int size, Action piece)
    {
        lock (_gate)
        {
            if (!_open)
            {
                if (_broken is null)
                {
                    _beforeOpen.Enqueue(() => Send(true, size, piece));
                }

                return;
            }
        }

        Send(toServer: true, size, piece);
    }

    public void SendToClient(int size, Action piece) => Send(toServer: false, size, piece);

    /// <summary>Ends the connection; open calls fail on both sides.</summary>
    public void Break(SwarmException reason)
    {
        ClientCall[] clientCalls;
        ServerCall[] serverCalls;
        lock (_gate)
        {
            if (_broken is not null)
            {
                return;
            }

            Volatile.Write(ref _broken, reason);
            _toServer.Close();
            _toClient.Close();
            _connectTimer?.Dispose();
            _lossTimer?.Dispose();
            _beforeOpen.Clear();
            clientCalls = _crashed == Client.Host ? [] : [.. _clientCalls];
            serverCalls = _crashed == Server.Host ? [] : [.. _serverCalls];
            _clientCalls.Clear();
            _serverCalls.Clear();
        }

        _network.Unregister(_node);
        if (clientCalls.Length > 0)
        {
            Client.Mailbox.Post(() => Array.ForEach(clientCalls, c => c.Fail(reason)));
        }

        if (serverCalls.Length > 0)
        {
            Server.Mailbox.Post(() => Array.ForEach(serverCalls, c => c.Abort()));
        }
    }

    /// <summary>One end is gone, and is told nothing.</summary>
    public void Crash(string host, bool silently)
    {
        lock (_gate)
        {
            _crashed = host;
            _toServer.IsLost = _toClient.IsLost = true;
        }

        if (silently)
        {
            StartLossTimer();
        }
        else
        {
            Break(new SwarmException(SwarmErrorCode.Unavailable, $"the connection to {host} broke"));
        }
    }

    private void Send(bool toServer, int size, Action piece)
    {
        (Side from, Side to, Direction direction) = toServer ? (Client, Server, _toServer) : (Server, Client, _toClient);
        if (IsBroken)
        {
            return;
        }

        LinkDecision decision = _network.Options.Policy?.Decide(from.Host, to.Host, size) ?? LinkDecision.Deliver();
        lock (_gate)
        {
            if (_broken is not null || direction.IsLost)
            {
                return;
            }

            switch (decision.Action)
            {
                case LinkAction.Deliver:
                    direction.Send(decision.Delay, () => Arrive(piece));
                    return;
                case LinkAction.Drop:
                    direction.IsLost = true;
                    break;
                case LinkAction.Reset:
                    direction.Send(decision.Delay, () => Break(Broke()));
                    direction.IsLost = true;
                    return;
            }
        }

        StartLossTimer();
    }

    private void Arrive(Action piece)
    {
        if (!IsBroken)
        {
            piece();
        }
    }

    private void StartLossTimer()
    {
        lock (_gate)
        {
            if (_broken is null)
            {
                _lossTimer ??= Client.Mailbox.Time.CreateTimer(
                    _ => Break(Broke()), null, _network.Options.LossTimeout, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private SwarmException Broke() => new(SwarmErrorCode.Unavailable, $"the connection between {Client.Host} and {Server.Host} broke");

    private void ConnectTimedOut(string address)
    {
        if (!_open)
        {
            Break(new SwarmException(SwarmErrorCode.Unavailable, $"no answer from {address}: check the address and that the manager runs"));
        }
    }

    // In the server's mailbox.
    private void Accept(ByteString? certificate, RpcTrust trust, string address, string serverName)
    {
        NodeCredentials? shown = null;
        SwarmException? refusal = null;
        try
        {
            (Peer, shown) = Listener is null
                ? throw new SwarmException(SwarmErrorCode.Unavailable, $"cannot connect to {address}: "
                    + "nobody listens there; check the address and that the manager runs")
                : Listener.Accept(certificate, Client.Host);
        }
        catch (SwarmException e)
        {
            refusal = e.Code == SwarmErrorCode.Unavailable ? e
                : new SwarmException(SwarmErrorCode.Unauthenticated,
                    $"the manager at {address} refused this node's certificate: {e.Message}", e);
        }

        ByteString? own = shown?.Pair.CertificatePem;
        Send(toServer: false, own?.Length ?? 0, () => Finish(refusal, own, trust, address, serverName));
    }

    // In the client's mailbox.
    private void Finish(SwarmException? refusal, ByteString? certificate, RpcTrust trust, string address, string serverName)
    {
        SwarmException? problem = refusal ?? Judge(certificate, trust, address, serverName);
        if (problem is not null)
        {
            Break(problem);
            return;
        }

        while (true)
        {
            Action? next;
            lock (_gate)
            {
                if (!_beforeOpen.TryDequeue(out next))
                {
                    _open = true;
                    _connectTimer?.Dispose();
                    return;
                }
            }

            next();
        }
    }

    private SwarmException? Judge(ByteString? certificate, RpcTrust trust, string address, string serverName)
    {
        if (!trust.IsVerified)
        {
            return null;
        }

        try
        {
            if (certificate is null || trust.RootPem is not { } root)
            {
                throw new SwarmException(SwarmErrorCode.Unauthenticated, "one side has no certificate");
            }

            ICertificateIssuer issuer = _network.Options.Issuer;
            issuer.Verify(certificate, root, Client.Mailbox.Time.GetUtcNow());
            NodeCertificateInfo info = issuer.Read(certificate, root);
            bool named = serverName == info.NodeId || serverName == SwarmRoleNames.OrganizationalUnit(info.Role)
                || (serverName == SwarmRoleNames.CertificateAuthority && info.Role == Api.NodeRole.Manager);
            return named ? null
                : throw new SwarmException(SwarmErrorCode.Unauthenticated,
                    $"its certificate is not one of {serverName}: it is no manager of this cluster");
        }
        catch (SwarmException e)
        {
            return new SwarmException(SwarmErrorCode.Unauthenticated, $"the server at {address} is not to be trusted: {e.Message}", e);
        }
    }
}
