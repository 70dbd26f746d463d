// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;
using Grpc.Core;
using Swarm.Core;

namespace Swarm.Manager;

/// <summary>What a stepped machine can do to a stream: end it.</summary>
internal interface IOutgoingStream
{
    /// <summary>Ends the stream, well or with an error, after what was sent.</summary>
    void Close(SwarmException? reason);
}

/// <summary>Brings messages of a stepped machine to one caller. The machine has at most one under way.</summary>
internal sealed class OutgoingStream<T> : IOutgoingStream
{
    private readonly Channel<T> _messages = Channel.CreateUnbounded<T>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Sends a message.</summary>
    public void Send(T message) => _messages.Writer.TryWrite(message);

    /// <inheritdoc/>
    public void Close(SwarmException? reason) => _messages.Writer.TryComplete(reason);

    /// <summary>Writes what is sent until the stream is closed or the caller goes.</summary>
    public async Task RunAsync(IServerStreamWriter<T> writer, Action drained, CancellationToken cancellationToken)
    {
        while (await _messages.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_messages.Reader.TryRead(out T? message))
            {
                // Not every transport takes a token here; all of them fail the write when the call ends.
                await writer.WriteAsync(message, CancellationToken.None);
                drained();
            }
        }
    }
}
