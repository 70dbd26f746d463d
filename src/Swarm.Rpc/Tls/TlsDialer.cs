// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Rpc.Tls;

/// <summary>
/// Opens the connections of one channel: TCP or unix socket, then TLS. TLS is done here and not by the HTTP handler, since that
/// one takes the server name from the URI only, keeps one certificate for its life, and trusts by the platform's rules.
/// </summary>
internal sealed class TlsDialer(EndPoint endPoint, string address, string serverName, RpcTrust trust, RpcClientOptions options)
{
    private volatile JudgedSslStream? _last;

    /// <summary>Why the last connection ended before the server said anything; null if it did not.</summary>
    public SwarmException? Refusal => _last?.Refusal;

    public async ValueTask<Stream> DialAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await SecureAsync(await ConnectAsync(either.Token), either.Token);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SwarmException(SwarmErrorCode.Unavailable,
                $"no answer from {address} within {options.ConnectTimeout.TotalSeconds:0.#} s: "
                + "check the address and that the manager runs", e);
        }
    }

    private async Task<NetworkStream> ConnectAsync(CancellationToken cancellationToken)
    {
        bool local = endPoint is UnixDomainSocketEndPoint;
        var socket = local
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            string hint = !local ? "check the address and that the manager runs"
                : e.SocketErrorCode == SocketError.AccessDenied ? "only the user that runs the manager may open its socket"
                : "is a manager running here? Give its socket with --socket";

            // What the framework makes of a path that does not exist reads "Cannot assign requested address".
            string reason = local && e.SocketErrorCode == SocketError.AddressNotAvailable ? "there is no such socket" : e.Message;
            throw new SwarmException(SwarmErrorCode.Unavailable, $"cannot connect to {address}: {reason}; {hint}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<Stream> SecureAsync(NetworkStream plain, CancellationToken cancellationToken)
    {
        string? problem = null;
        SslStreamCertificateContext? own = trust.Credentials?.Current is { } credentials ? TlsMaterial.Of(credentials).Context : null;
        var tls = new JudgedSslStream(plain, address, showedCertificate: own is not null);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = serverName,
                    ApplicationProtocols = [SslApplicationProtocol.Http2],
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    CertificateChainPolicy = TlsMaterial.QuietPolicy(),
                    ClientCertificateContext = own,
                    RemoteCertificateValidationCallback = (_, certificate, chain, _) => (problem = Judge(certificate, chain)) is null,
                },
                cancellationToken);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            await tls.DisposeAsync();
            throw problem is not null
                ? new SwarmException(SwarmErrorCode.Unauthenticated, $"the server at {address} is not to be trusted: {problem}", e)
                : e is AuthenticationException
                    ? new SwarmException(SwarmErrorCode.Unauthenticated,
                        $"no secure connection to {address}: {e.InnerException?.Message ?? e.Message}; "
                        + "it does not trust this node, or speaks no TLS", e)
                    : new SwarmException(SwarmErrorCode.Unavailable,
                        $"{address} closed the connection during the handshake: {e.Message}", e);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }

        if (tls.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2)
        {
            await tls.DisposeAsync();
            throw new SwarmException(SwarmErrorCode.Unavailable, $"{address} does not speak HTTP/2: it is no manager");
        }

        _last = tls;
        return tls;
    }

    private string? Judge(X509Certificate? certificate, X509Chain? chain)
    {
        if (!trust.IsVerified)
        {
            return null;
        }

        if (trust.RootPem is not { } root)
        {
            return "this node has no root certificate yet to judge it by";
        }

        string? problem = TlsMaterial.Judge(
            certificate, chain, TlsMaterial.OpenRoots(root), CertificatePurpose.Server, options.Time.GetUtcNow());
        return problem ?? (CertificatePathValidator.HasName((X509Certificate2)certificate!, serverName)
            ? null
            : $"its certificate is not one of {serverName}: it is no manager of this cluster");
    }
}
