// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Swarm.Rpc.Tls;

namespace Swarm.Rpc;

/// <summary>
/// Connections over TLS ≥ 1.2 and HTTP/2. Failures of calls are turned into one clear line by <see
/// cref="RpcErrors.ToSwarmException"/>. Thread-safe.
/// </summary>
public sealed class GrpcConnector : IRpcConnector
{
    private readonly RpcTrust _trust;
    private readonly RpcClientOptions _options;

    /// <summary>Makes a connector.</summary>
    /// <param name="trust">Whom to trust and how to prove oneself.</param>
    /// <param name="options">How connections are made; the defaults when left out.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public GrpcConnector(RpcTrust trust, RpcClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(trust);
        _trust = trust;
        _options = options ?? new RpcClientOptions();
        _options.Validate();
    }

    /// <inheritdoc/>
    public IRpcConnection Connect(string address, string serverName)
    {
        EndPoint endPoint = RpcAddress.Parse(address);
        var dialer = new TlsDialer(endPoint, address, serverName, _trust, _options);
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = (_, cancellationToken) => dialer.DialAsync(cancellationToken),

            // The dialer has a limit of its own, with a better message.
            ConnectTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        };

        // The URI names who is expected, not where: the handler makes :authority of it.
        var channel = GrpcChannel.ForAddress($"https://{serverName}", new GrpcChannelOptions
        {
            HttpHandler = new RefusalHandler(dialer, handler),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = _options.ReceiveSizeMax,
            MaxSendMessageSize = _options.SendSizeMax,
            MaxRetryAttempts = 1,
        });
        return new Connection(channel);
    }

    private sealed class Connection(GrpcChannel channel) : IRpcConnection
    {
        public CallInvoker Invoker { get; } = channel.CreateCallInvoker().Intercept(new WriteErrorInterceptor());

        public ValueTask DisposeAsync()
        {
            channel.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
