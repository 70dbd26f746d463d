// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;
using System.Net.Sockets;
using Docker.DotNet;
using Docker.DotNet.NativeHttp;
using Swarm.Runtime.Docker.Containers;

namespace Swarm.Runtime.Docker.Engine;

/// <summary>
/// Makes clients that speak HTTP through the base library, over unix sockets too. The library's own HTTP takes an answer that was cut off
/// for a whole one and cannot be stopped while it connects.
/// </summary>
internal static class EngineTransport
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(15);

    // A peer that is gone without a word, its machine switched off, is noticed after 30 s: a stream of events would be silent for ever.
    private const int KeepAliveSeconds = 15;
    private const int KeepAliveIntervalSeconds = 5;
    private const int KeepAliveProbes = 3;

    /// <exception cref="Core.SwarmException">FailedPrecondition: the certificates cannot be used.</exception>
    public static DockerClient Build(EngineAddress address, EngineApiVersion? version)
    {
        // Read anew for each client: certificates are renewed.
        SslClientAuthenticationOptions? tls =
            address.Certificates is { } directory ? EngineTls.Options(directory, address.IsCertificatesGiven) : null;
        var transport = new NativeHttpTransportOptions { ConfigureHandler = handler => Configure(handler, address.SocketPath, tls) };
        DockerClientBuilder builder = new DockerClientBuilder().WithEndpoint(address.Http).WithTimeout(Timeout.InfiniteTimeSpan);
        builder = tls is null ? builder : builder.WithAuthProvider(EngineTls.Instance);
        builder = version is { } v ? builder.WithApiVersion(new Version(v.Major, v.Minor)) : builder;
        return builder.WithTransportOptions(DockerHandlerFactory.Instance, transport).Build();
    }

    public static Socket TcpSocket()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveIntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
        return socket;
    }

    private static void Configure(SocketsHttpHandler handler, string? socketPath, SslClientAuthenticationOptions? tls)
    {
        // Streams of events and logs last; what limits calls is not here.
        handler.MaxConnectionsPerServer = int.MaxValue;
        handler.ConnectTimeout = ConnectLimit;
        handler.ResponseDrainTimeout = TimeSpan.Zero;
        handler.UseCookies = false;
        handler.SslOptions = tls ?? handler.SslOptions;
        handler.UseProxy = socketPath is null;
        handler.ConnectCallback = async (context, cancellationToken) =>
        {
            Socket socket = socketPath is null ? TcpSocket() : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await (socketPath is null
                    ? socket.ConnectAsync(context.DnsEndPoint, cancellationToken)
                    : socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken));
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
    }
}
