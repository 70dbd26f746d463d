// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Swarm.Core;
using Swarm.Rpc.Http2;
using Swarm.Rpc.Server;
using Swarm.Rpc.Tls;
using Swarm.Security;

namespace Swarm.Rpc;

/// <summary>
/// A manager's server: the remote API over mutual TLS, where a caller without certificate may only join, and the control socket,
/// where the caller counts as the node itself. TLS ≥ 1.2 and HTTP/2 on both. New connections get the newest certificate of the
/// credentials and are judged by its root; open ones go on. Thread-safe.
/// </summary>
public sealed class RpcServer : IAsyncDisposable
{
    private readonly RpcServerOptions _options;
    private readonly NodeCredentialsSource _credentials;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly List<KestrelListener> _listeners = [];

    /// <summary>Makes a server; nothing is opened yet.</summary>
    /// <param name="options">What to listen on and serve.</param>
    /// <param name="credentials">The node's credentials; there must be some when the server starts.</param>
    /// <param name="loggers">Where it reports; nowhere when left out.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public RpcServer(RpcServerOptions options, NodeCredentialsSource credentials, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(credentials);
        options.Validate();
        _options = options;
        _credentials = credentials;
        _loggers = loggers ?? NullLoggerFactory.Instance;
        _logger = _loggers.CreateLogger<RpcServer>();
    }

    /// <summary>Where the remote API listens, once started; null if it has none.</summary>
    public IPEndPoint? RemoteEndPoint { get; private set; }

    /// <summary>Opens the listeners: all or none.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Ends when calls are taken.</returns>
    /// <exception cref="SwarmException">
    /// InvalidArgument: an address or path is wrong; FailedPrecondition: port or socket in use, address not of this machine, or no
    /// credentials.
    /// </exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (_credentials.Current is null)
        {
            throw new SwarmException(SwarmErrorCode.FailedPrecondition,
                "a server needs the node's certificate: join or create a cluster first");
        }

        try
        {
            if (_options.RemoteAddress is { } address)
            {
                await StartRemoteAsync(RpcAddress.ParseListen(address), cancellationToken);
            }

            if (_options.ControlSocketPath is { } path)
            {
                await StartLocalAsync(RpcAddress.ParseSocket(path), cancellationToken);
            }
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Stops taking calls, gives open ones <see cref="RpcServerOptions.StopGrace"/> to end, then ends them. May be called twice.
    /// </summary>
    /// <returns>Ends when all is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        KestrelListener[] listeners = [.. _listeners];
        _listeners.Clear();
        foreach (KestrelListener listener in listeners)
        {
            try
            {
                await listener.StopAsync(CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                // The grace is over; what was open has been ended.
            }

            await listener.DisposeAsync();
        }

        // The file of the control socket went with its listener; by now another manager may have made its own there.
    }

    private async Task StartRemoteAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        void Secure(ListenOptions listen)
        {
            listen.UseHttps(Handshake(askClient: true));
            listen.Use(NotePeer);
        }

        var listener = KestrelListener.Build(
            _options, Prepare(_options.RemoteServices, RemotePeer), endPoint, Secure, null, _loggers);
        _listeners.Add(listener);
        await StartAsync(listener, $"the remote API cannot listen on {endPoint}", cancellationToken);
        RemoteEndPoint = new IPEndPoint(endPoint.Address, listener.Port());
        RpcLog.RemoteListens(_logger, RemoteEndPoint);
    }

    private async Task StartLocalAsync(UnixDomainSocketEndPoint endPoint, CancellationToken cancellationToken)
    {
        string path = endPoint.ToString()!;
        using var claim = ControlSocketClaim.Take(endPoint);
        ILogger logger = _loggers.CreateLogger<AuthorityMiddleware>();
        var listener = KestrelListener.Build(
            _options,
            Prepare(_options.LocalServices, static _ => new PeerIdentity(null, DateTimeOffset.MaxValue, "", IsLocal: true)),
            endPoint,
            l =>
            {
                l.UseHttps(Handshake(askClient: false));
                l.Use(next => new AuthorityMiddleware(next, logger).OnConnectionAsync);
            },
            ControlSocket.Bind,
            _loggers);
        _listeners.Add(listener);
        await StartAsync(listener, $"the control socket {path} cannot be made", cancellationToken);
        RpcLog.ControlListens(_logger, path);
    }

    private static async Task StartAsync(KestrelListener listener, string problem, CancellationToken cancellationToken)
    {
        try
        {
            await listener.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException or AddressInUseException or UnauthorizedAccessException)
        {
            SocketError? code = (e as SocketException ?? e.InnerException as SocketException
                ?? e.InnerException?.InnerException as SocketException)?.SocketErrorCode;
            string reason = code switch
            {
                SocketError.AddressAlreadyInUse => "it is in use; stop the program that uses it or choose another",
                SocketError.AddressNotAvailable => "this machine has no such address",
                SocketError.AccessDenied => "this user may not; choose another or ask for the right",
                _ => e.Message,
            };
            throw new SwarmException(SwarmErrorCode.FailedPrecondition, $"{problem}: {reason}", e);
        }
    }

    private List<ServerServiceDefinition> Prepare(
        IReadOnlyList<ServerServiceDefinition> services, Func<ServerCallContext, PeerIdentity> peer)
    {
        Interceptor[] interceptors =
        [
            new ErrorMappingInterceptor(_loggers.CreateLogger<ErrorMappingInterceptor>()),
            new AuthorizationInterceptor(new AuthorizationOptions
            {
                Credentials = _credentials,
                Peer = peer,
                Roles = _options.Roles,
                IsBlacklisted = _options.IsBlacklisted,
                Time = _options.Time,
            }),
        ];
        return [.. services.Select(s => s.With(interceptors))];
    }

    private TlsHandshakeCallbackOptions Handshake(bool askClient) => new()
    {
        HandshakeTimeout = _options.HandshakeTimeout,
        OnConnection = _ =>
        {
            TlsMaterial own = TlsMaterial.Of(_credentials.Current!);
            return ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = own.Context,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ApplicationProtocols = [SslApplicationProtocol.Http2],

                // Asked for, not demanded: who joins has none yet. Resumed sessions would skip the judgement.
                ClientCertificateRequired = askClient,
                AllowTlsResume = false,
                CertificateChainPolicy = TlsMaterial.QuietPolicy(),
                RemoteCertificateValidationCallback = askClient ? (_, certificate, chain, _) => Trusts(own, certificate, chain) : null,
            });
        },
    };

    private bool Trusts(TlsMaterial own, X509Certificate? certificate, X509Chain? chain)
    {
        if (certificate is null)
        {
            return true;
        }

        string? problem = TlsMaterial.Judge(certificate, chain, own.Roots, CertificatePurpose.Client, _options.Time.GetUtcNow());
        if (problem is not null)
        {
            RpcLog.CertificateRefused(_logger, certificate.Subject, problem);
        }

        return problem is null;
    }

    // Reading a certificate's subject takes longer than all else that is done for a call, so it is done once for a connection.
    private static ConnectionDelegate NotePeer(ConnectionDelegate next) => connection =>
    {
        X509Certificate2? certificate = connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate;
        string address = connection.RemoteEndPoint is IPEndPoint ip
            ? new IPEndPoint(ip.Address.IsIPv4MappedToIPv6 ? ip.Address.MapToIPv4() : ip.Address, ip.Port).ToString()
            : "";
        connection.Features.Set(certificate is null
            ? new PeerIdentity(null, DateTimeOffset.MaxValue, address)
            : new PeerIdentity(CertificateSubject.Read(certificate), certificate.NotAfter.ToUniversalTime(), address));
        return next(connection);
    };

    private static PeerIdentity RemotePeer(ServerCallContext context) => context.GetHttpContext().Features.Get<PeerIdentity>()
        ?? throw new InvalidOperationException("the connection of a call is not known");
}
