// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;

namespace Swarm.Agent.Tests.Fakes;

/// <summary>A stream from a fake server: the test writes into it and ends it.</summary>
internal sealed class FakeStream<T> : IAsyncStreamReader<T>
{
    private readonly Queue<T> _items = new();
    private TaskCompletionSource<bool>? _waiter;
    private Status? _end;

    public T Current { get; private set; } = default!;

    /// <summary>Whether the client gave the stream up or it was ended.</summary>
    internal bool IsOver => _end is not null;

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (_items.TryDequeue(out T? item))
        {
            Current = item;
            return Task.FromResult(true);
        }

        if (_end is { } end)
        {
            return end.StatusCode == StatusCode.OK ? Task.FromResult(false) : Task.FromException<bool>(new RpcException(end));
        }

        _waiter = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _waiter.Task;
    }

    internal void Send(T item)
    {
        if (_waiter is { } waiter)
        {
            _waiter = null;
            Current = item;
            waiter.SetResult(true);
        }
        else
        {
            _items.Enqueue(item);
        }
    }

    internal void End(StatusCode status, string detail = "")
    {
        _end ??= new Status(status, detail);
        if (_waiter is { } waiter)
        {
            _waiter = null;
            if (_end.Value.StatusCode == StatusCode.OK)
            {
                waiter.SetResult(false);
            }
            else
            {
                waiter.SetException(new RpcException(_end.Value));
            }
        }
    }
}
