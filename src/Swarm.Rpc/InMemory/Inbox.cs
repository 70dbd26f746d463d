// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Rpc.InMemory;

/// <summary>Messages of a stream that wait for their reader. What it holds is bounded by the sender's window. Thread-safe.</summary>
/// <param name="taken">Called after each message that was taken, so that the sender may send another.</param>
internal sealed class Inbox(Action taken)
{
    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _messages = new();
    private TaskCompletionSource<byte[]?>? _waiter;
    private Func<Exception?>? _end;

    public void Put(byte[] message)
    {
        TaskCompletionSource<byte[]?>? waiter;
        lock (_gate)
        {
            if (_end is not null)
            {
                return;
            }

            waiter = _waiter;
            _waiter = null;
            if (waiter is null)
            {
                _messages.Enqueue(message);
                return;
            }
        }

        if (waiter.TrySetResult(message))
        {
            taken();
        }
        else
        {
            // The reader gave up in this moment: the message waits for the next one.
            Put(message);
        }
    }

    /// <summary>Nothing more comes.</summary>
    /// <param name="error">Makes the error that reading past the end gives; null for the plain end.</param>
    /// <param name="discard">Whether messages that were not read yet are lost.</param>
    public void End(Func<Exception?> error, bool discard)
    {
        TaskCompletionSource<byte[]?>? waiter;
        lock (_gate)
        {
            if (discard)
            {
                _messages.Clear();
            }

            if (_end is not null && !discard)
            {
                return;
            }

            _end = error;
            waiter = _waiter;
            _waiter = null;
        }

        if (waiter is not null)
        {
            Finish(waiter, error());
        }
    }

    /// <summary>The next message; null at the end.</summary>
    public Task<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource<byte[]?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (cancellationToken.IsCancellationRequested)
        {
            waiter.SetCanceled(cancellationToken);
            return waiter.Task;
        }

        byte[]? message;
        lock (_gate)
        {
            if (_waiter is { Task.IsCompleted: false })
            {
                throw new InvalidOperationException("a stream is read by one reader at a time");
            }

            if (!_messages.TryDequeue(out message))
            {
                if (_end is not null)
                {
                    Finish(waiter, _end());
                    return waiter.Task;
                }

                _waiter = waiter;
            }
        }

        if (message is not null)
        {
            waiter.SetResult(message);
            taken();
            return waiter.Task;
        }

        return cancellationToken.CanBeCanceled ? WaitAsync(waiter, cancellationToken) : waiter.Task;
    }

    private static async Task<byte[]?> WaitAsync(TaskCompletionSource<byte[]?> waiter, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.Register(() => waiter.TrySetCanceled(cancellationToken));
        return await waiter.Task;
    }

    private static void Finish(TaskCompletionSource<byte[]?> waiter, Exception? error)
    {
        if (error is null)
        {
            waiter.TrySetResult(null);
        }
        else
        {
            waiter.TrySetException(error);
        }
    }
}
