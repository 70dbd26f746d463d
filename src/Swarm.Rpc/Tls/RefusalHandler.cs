// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Rpc.Tls;

/// <summary>
/// Gives requests that failed because the connection ended before the server's first byte the reason the stream knows. Depending on
/// which of reading, writing and setting up notices first, the HTTP handler passes it on or not.
/// </summary>
internal sealed class RefusalHandler(TlsDialer dialer, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e) when (dialer.Refusal is { } refusal && !IsExplained(e))
        {
            throw new HttpRequestException(e.HttpRequestError, refusal.Message, refusal);
        }
    }

    private static bool IsExplained(Exception? e) => e is SwarmException || (e?.InnerException is { } cause && IsExplained(cause));
}
