// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;
using Swarm.Core;

namespace Swarm.Rpc.Tls;

/// <summary>
/// A client's TLS stream that can tell why nothing came. With TLS 1.3 the client has finished its handshake before the server judges
/// the client's certificate, so that a refusal shows only as a connection that ends before the server's first byte.
/// </summary>
/// <param name="plain">The connection; owned.</param>
/// <param name="address">Whom it leads to, for the message.</param>
/// <param name="showedCertificate">Whether this side proves itself.</param>
internal sealed class JudgedSslStream(Stream plain, string address, bool showedCertificate) : SslStream(plain, leaveInnerStreamOpen: false)
{
    private volatile bool _answered;
    private volatile SwarmException? _refusal;

    /// <summary>Why the connection ended before the server said anything; null if it did not.</summary>
    public SwarmException? Refusal => _refusal;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _answered ? base.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _answered ? base.WriteAsync(buffer, cancellationToken) : WriteFirstAsync(buffer, cancellationToken);

    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        IOException? cause = null;
        try
        {
            int count = await base.ReadAsync(buffer, cancellationToken);
            if (count > 0 || buffer.IsEmpty)
            {
                _answered = _answered || count > 0;
                return count;
            }
        }
        catch (IOException e)
        {
            cause = e;
        }

        throw Refused(cause);
    }

    // Whoever reads closes the stream when the end comes, so that writing may fail first, or as on a closed stream.
    private async ValueTask WriteFirstAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            await base.WriteAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (!_answered && (e is IOException or ObjectDisposedException))
        {
            throw Refused(e);
        }
    }

    private SwarmException Refused(Exception? cause) => _refusal ??= showedCertificate
        ? new SwarmException(SwarmErrorCode.Unauthenticated,
            $"the manager at {address} refused this node's certificate: it may have expired, or be of another cluster", cause)
        : new SwarmException(SwarmErrorCode.Unavailable, $"{address} closed the connection before answering", cause);
}
