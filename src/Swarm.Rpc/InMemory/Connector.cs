// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Core;

namespace Swarm.Rpc.InMemory;

/// <summary>Opens connections from one host.</summary>
internal sealed class Connector(InMemoryNetwork network, Side side, RpcTrust trust) : IRpcConnector
{
    public IRpcConnection Connect(string address, string serverName) => new Connection(network, side, trust, address, serverName);

    /// <summary>A connection that comes back after each break, as a channel does.</summary>
    private sealed class Connection : IRpcConnection
    {
        private readonly Lock _gate = new();
        private readonly Func<Link> _dial;
        private Link? _link;
        private bool _disposed;

        public Connection(InMemoryNetwork network, Side side, RpcTrust trust, string address, string serverName)
        {
            _dial = () => Link.Open(network, side, trust, address, serverName);
            Invoker = new InMemoryCallInvoker(network.Options, side.Mailbox, Current);
        }

        public CallInvoker Invoker { get; }

        public ValueTask DisposeAsync()
        {
            lock (_gate)
            {
                _disposed = true;
                _link?.Break(new SwarmException(SwarmErrorCode.Aborted, "the connection was closed"));
            }

            return ValueTask.CompletedTask;
        }

        private Link Current()
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, typeof(IRpcConnection));
                return _link is { IsBroken: false } ? _link : _link = _dial();
            }
        }
    }
}
