// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Rpc.InMemory;

/// <summary>How many messages a writer may still send before the reader has taken some. Thread-safe.</summary>
internal sealed class Window(int size)
{
    private readonly Lock _gate = new();
    private int _free = size;
    private TaskCompletionSource? _waiter;
    private Func<Exception>? _end;

    /// <summary>Takes a place; ends when there is one.</summary>
    public Task TakeAsync()
    {
        lock (_gate)
        {
            if (_end is not null)
            {
                return Task.FromException(_end());
            }

            if (_waiter is not null)
            {
                throw new InvalidOperationException("a stream is written by one writer at a time: await each write");
            }

            if (_free > 0)
            {
                _free--;
                return Task.CompletedTask;
            }

            _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _waiter.Task;
        }
    }

    public void Free()
    {
        TaskCompletionSource? waiter;
        lock (_gate)
        {
            waiter = _waiter;
            _waiter = null;
            if (waiter is null)
            {
                _free++;
            }
        }

        waiter?.TrySetResult();
    }

    public void End(Func<Exception> error)
    {
        TaskCompletionSource? waiter;
        lock (_gate)
        {
            _end ??= error;
            waiter = _waiter;
            _waiter = null;
        }

        waiter?.TrySetException(error());
    }
}
