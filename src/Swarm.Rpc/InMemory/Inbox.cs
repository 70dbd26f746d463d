// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Rpc.InMemory;

/// <summary>Messages of a stream that wait for their reader. What it holds is bounded by the sender's window. Thread-safe.</summary>
/// <remarks>
/// gRPC's own <c>ReadAllAsync</c> awaits without coming back to the mailbox. Such a continuation goes to the thread pool if it is
/// completed under a synchronization context, which would end determinism. So where mailboxes are not on the thread pool, readers
/// are completed under none: that continuation then runs in place, and those that belong to a mailbox are posted to it.
/// </remarks>
/// <param name="mailbox">Where messages arrive.</param>
/// <param name="taken">Called after each message that was taken, so that the sender may send another.</param>
internal sealed class Inbox(Mailbox mailbox, Action taken)
{
    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _messages = new();
    private readonly bool _inPlace = mailbox is not ThreadPoolMailbox;
    private Waiter? _waiter;
    private Func<Exception?>? _end;

    public void Put(byte[] message)
    {
        Waiter? waiter;
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

        taken();
        Complete(waiter, w =>
        {
            try
            {
                w.Take(message);
                w.Done.TrySetResult(true);
            }
            catch (Exception e)
            {
                // A message that cannot be read is the reader's failure, not the mailbox's.
                w.Done.TrySetException(e);
            }
        });
    }

    /// <summary>Nothing more comes.</summary>
    /// <param name="error">Makes the error that reading past the end gives; null for the plain end.</param>
    /// <param name="discard">Whether messages that were not read yet are lost.</param>
    public void End(Func<Exception?> error, bool discard)
    {
        Waiter? waiter;
        lock (_gate)
        {
            if (_end is not null && !discard)
            {
                return;
            }

            if (discard)
            {
                _messages.Clear();
            }

            _end = error;
            waiter = _waiter;
            _waiter = null;
        }

        if (waiter is not null)
        {
            Complete(waiter, w => Finish(w.Done, error()));
        }
    }

    /// <summary>Waits for the next message.</summary>
    /// <param name="take">Gets the message.</param>
    /// <param name="cancellationToken">Ends the wait, not the stream.</param>
    /// <returns>False at the end.</returns>
    public Task<bool> MoveNextAsync(Action<byte[]> take, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<bool>(cancellationToken);
        }

        byte[]? message;
        Waiter waiter;
        lock (_gate)
        {
            if (_waiter is not null)
            {
                throw new InvalidOperationException("a stream is read by one reader at a time");
            }

            waiter = new Waiter(take, _inPlace ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_messages.TryDequeue(out message))
            {
                if (_end is not null)
                {
                    Finish(waiter.Done, _end());
                    return waiter.Done.Task;
                }

                _waiter = waiter;
            }
        }

        if (message is not null)
        {
            taken();
            take(message);
            return Task.FromResult(true);
        }

        waiter.Registration = cancellationToken.Register(() => Cancel(waiter, cancellationToken));
        return waiter.Done.Task;
    }

    /// <summary>The next message; null at the end.</summary>
    public async Task<byte[]?> ReadAsync()
    {
        byte[]? message = null;
        await MoveNextAsync(m => message = m, CancellationToken.None);
        return message;
    }

    private void Cancel(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_waiter != waiter)
            {
                return;
            }

            _waiter = null;
        }

        Complete(waiter, w => w.Done.TrySetCanceled(cancellationToken));
    }

    private void Complete(Waiter waiter, Action<Waiter> complete)
    {
        waiter.Registration.Unregister();
        SynchronizationContext? before = SynchronizationContext.Current;
        if (_inPlace)
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }

        try
        {
            complete(waiter);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private static void Finish(TaskCompletionSource<bool> done, Exception? error)
    {
        if (error is null)
        {
            done.TrySetResult(false);
        }
        else
        {
            done.TrySetException(error);
        }
    }

    private sealed class Waiter(Action<byte[]> take, TaskCreationOptions options)
    {
        public TaskCompletionSource<bool> Done { get; } = new(options);

        public Action<byte[]> Take { get; } = take;

        public CancellationTokenRegistration Registration { get; set; }
    }
}
