// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;

namespace Swarm.Rpc.InMemory;

/// <summary>A stream of messages for its reader, on either side.</summary>
internal sealed class MessageReader<T> : IAsyncStreamReader<T>
{
    private readonly Inbox _inbox;
    private readonly Action<byte[]> _take;

    public MessageReader(Inbox inbox, Marshaller<T> marshaller)
    {
        _inbox = inbox;
        _take = bytes => Current = Marshalling.Read(marshaller, bytes);
    }

    public T Current { get; private set; } = default!;

    // Not an async method: see the remarks of Inbox.
    public Task<bool> MoveNext(CancellationToken cancellationToken) => _inbox.MoveNextAsync(_take, cancellationToken);
}
