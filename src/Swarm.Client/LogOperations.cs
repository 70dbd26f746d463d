// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using Grpc.Core;
using Swarm.Api;
using Swarm.Rpc;

namespace Swarm.Client;

/// <summary>What tasks write to their standard output and error. Thread-safe.</summary>
public sealed class LogOperations
{
    private readonly ApiCalls _calls;

    internal LogOperations(ApiCalls calls) => _calls = calls;

    /// <summary>Reads log lines as nodes send them, until they end or, with <c>follow</c>, until cancelled.</summary>
    /// <param name="selector">Ids of the services, tasks or nodes.</param>
    /// <param name="options">Streams, follow, tail and since; none for both streams as far as they go now.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The lines. Those of one task come in order; those of several are mixed as they come.</returns>
    /// <exception cref="Swarm.Core.SwarmException">The subscription was refused or broke off.</exception>
    public async IAsyncEnumerable<LogMessage> ReadAsync(
        LogSelector selector,
        LogSubscriptionOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = new SubscribeLogsRequest { Selector = selector, Options = options ?? new LogSubscriptionOptions() };
        using AsyncServerStreamingCall<SubscribeLogsMessage> call =
            _calls.Logs.SubscribeLogs(request, cancellationToken: cancellationToken);
        while (await MoveNextAsync(call.ResponseStream, cancellationToken))
        {
            foreach (LogMessage message in call.ResponseStream.Current.Messages)
            {
                yield return message;
            }
        }
    }

    private static async Task<bool> MoveNextAsync(IAsyncStreamReader<SubscribeLogsMessage> stream, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.MoveNext(cancellationToken);
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw RpcErrors.ToSwarmException(e);
        }
    }
}
