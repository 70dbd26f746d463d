// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Security;

namespace Swarm.Hosting;

/// <summary>The transport of nodes that share a process: in tests, in simulations, and in programs that hold several nodes. Thread-safe.</summary>
/// <param name="host">The node's place on the network.</param>
/// <param name="services">Where services run that this node serves.</param>
public sealed class InMemoryNodeTransport(InMemoryHost host, Mailbox services) : INodeTransport
{
    /// <inheritdoc/>
    public IRpcConnector CreateConnector(RpcTrust trust) => host.CreateConnector(trust);

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> ServeAsync(RpcServerOptions options, NodeCredentialsSource credentials, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var listeners = new List<IAsyncDisposable>();
        try
        {
            if (options.RemoteAddress is not null)
            {
                listeners.Add(host.Listen(
                    options.RemoteAddress, options.RemoteServices, credentials, services, new InMemoryListenOptions { IsBlacklisted = options.IsBlacklisted }));
            }

            if (options.ControlSocketPath is not null)
            {
                listeners.Add(host.Listen(
                    RpcAddress.OfSocket(options.ControlSocketPath), options.LocalServices, credentials, services,
                        new InMemoryListenOptions { IsLocal = true }));
            }

            return new Listeners(listeners);
        }
        catch
        {
            await new Listeners(listeners).DisposeAsync();
            throw;
        }
    }

    private sealed class Listeners(List<IAsyncDisposable> listeners) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (IAsyncDisposable listener in listeners)
            {
                await listener.DisposeAsync();
            }
        }
    }
}
