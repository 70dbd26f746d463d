// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;
using Swarm.Rpc;

namespace Swarm.Agent.Sessions;

/// <summary>One attempt's connection to a manager and the end of all its calls. Belongs to the agent's mailbox.</summary>
internal sealed class SessionConnection : IAsyncDisposable
{
    private readonly IRpcConnection _connection;
    private readonly CancellationTokenSource _end = new();
    private readonly Action<SessionInput> _tell;

    private SessionConnection(int epoch, IRpcConnection connection, Action<SessionInput> tell)
    {
        Epoch = epoch;
        _connection = connection;
        _tell = tell;
        Dispatcher = new Dispatcher.DispatcherClient(connection.Invoker);
        Peer = new Api.Ext.Peer.PeerClient(connection.Invoker);
        Departure = new Api.Ext.Departure.DepartureClient(connection.Invoker);
        LogBroker = new LogBroker.LogBrokerClient(connection.Invoker);
    }

    internal static SessionConnection Open(int epoch, IRpcConnection connection, Action<SessionInput> tell) => new(epoch, connection, tell);

    internal int Epoch { get; }

    internal string SessionId { get; set; } = "";

    internal Dispatcher.DispatcherClient Dispatcher { get; }

    internal Api.Ext.Peer.PeerClient Peer { get; }

    internal Api.Ext.Departure.DepartureClient Departure { get; }

    internal LogBroker.LogBrokerClient LogBroker { get; }

    /// <summary>Cancelled when the session is over.</summary>
    internal CancellationToken Closed => _end.Token;

    internal void PartEnded(SessionPart part, StatusCode status, string detail) =>
        _tell(new SessionInput.PartEnded(Epoch, part, status, detail));

    internal void Tell(SessionInput input) => _tell(input);

    /// <summary>Ends all calls and the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _end.Cancel();
        await _connection.DisposeAsync();
    }
}
