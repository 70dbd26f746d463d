// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Core;

namespace Swarm.Manager;

/// <summary>The streams that a reactor's machine writes to, by number. Used in the reactor's mailbox only.</summary>
/// <param name="reactor">Whose they are.</param>
/// <param name="drained">Tells the machine that a message was written.</param>
/// <param name="closed">Tells the machine that a stream ended.</param>
internal sealed class OutgoingStreams(Reactor reactor, Action<long, DateTimeOffset> drained, Action<long, DateTimeOffset> closed)
{
    private readonly Dictionary<long, IOutgoingStream> _streams = [];
    private long _lastNumber;

    /// <summary>A number that no stream or call of this reactor had.</summary>
    public long NextNumber() => ++_lastNumber;

    /// <summary>Serves a stream until the machine closes it or the caller goes. May be called from anywhere.</summary>
    public Task ServeAsync<T>(IServerStreamWriter<T> writer, Action<long, DateTimeOffset> open, CancellationToken cancellationToken) =>
        reactor.Mailbox.RunAsync(async () =>
        {
            long number = NextNumber();
            var stream = new OutgoingStream<T>();
            _streams.Add(number, stream);
            try
            {
                reactor.Step(now =>
                {
                    open(number, now);
                    return true;
                });
                await stream.RunAsync(writer, () => reactor.Step(now => drained(number, now)), cancellationToken);
            }
            finally
            {
                _streams.Remove(number);
                reactor.Step(now => closed(number, now));
            }
        });

    /// <summary>Sends a message, if the stream is still there.</summary>
    public void Send<T>(long number, T message) => (_streams.GetValueOrDefault(number) as OutgoingStream<T>)?.Send(message);

    /// <summary>Ends a stream, if it is still there.</summary>
    public void Close(long number, SwarmException? reason) => _streams.GetValueOrDefault(number)?.Close(reason);
}
