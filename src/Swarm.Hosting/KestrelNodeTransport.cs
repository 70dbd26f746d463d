// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Swarm.Rpc;
using Swarm.Security;

namespace Swarm.Hosting;

/// <summary>The transport of real nodes: gRPC over mutual TLS. Thread-safe.</summary>
/// <param name="client">Settings of outgoing connections; defaults when left out.</param>
/// <param name="loggers">Where to log; nowhere when left out.</param>
public sealed class KestrelNodeTransport(RpcClientOptions? client = null, ILoggerFactory? loggers = null) : INodeTransport
{
    private readonly GrpcTransport _grpc = new(client);

    /// <inheritdoc/>
    public IRpcConnector CreateConnector(RpcTrust trust) => _grpc.CreateConnector(trust);

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> ServeAsync(RpcServerOptions options, NodeCredentialsSource credentials, CancellationToken cancellationToken)
    {
        var server = new RpcServer(options, credentials, loggers);
        try
        {
            await server.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
