// SPDX-License-Identifier: Apache-2.0
using Swarm.Rpc;
using Swarm.Security;

namespace Swarm.Hosting;

/// <summary>How a node reaches others and is reached: over TLS (<see cref="KestrelNodeTransport"/>), or in memory. Thread-safe.</summary>
public interface INodeTransport : IRpcTransport
{
    /// <summary>Begins to serve.</summary>
    /// <param name="options">What to serve, and where.</param>
    /// <param name="credentials">The node's own certificate, followed when it is renewed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Disposing it ends the service.</returns>
    /// <exception cref="Swarm.Core.SwarmException">An address or socket is in use or cannot be used; the text says which.</exception>
    Task<IAsyncDisposable> ServeAsync(RpcServerOptions options, NodeCredentialsSource credentials, CancellationToken cancellationToken);
}
