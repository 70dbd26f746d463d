// SPDX-License-Identifier: Apache-2.0
#pragma warning disable RS0030 // This is the shell that brings mailboxes and the thread pool together.
using System.Collections.Concurrent;

namespace Swarm.Core;

/// <summary>A mailbox that takes a thread of the pool while it has work, and none while it has not.</summary>
public sealed class ThreadPoolMailbox : Mailbox, IThreadPoolWorkItem
{
    // Work items run per visit to the pool, so that one busy mailbox does not keep a thread from the others.
    private const int ItemsPerVisit = 256;

    private readonly ConcurrentQueue<(SendOrPostCallback Work, object? State)> _queue = new();
    private int _scheduled;

    /// <summary>Makes an empty mailbox.</summary>
    /// <param name="name">A name for logs.</param>
    /// <param name="time">The clock.</param>
    public ThreadPoolMailbox(string name, TimeProvider time)
    {
        Name = name;
        Time = time;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override TimeProvider Time { get; }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        ArgumentNullException.ThrowIfNull(d);
        _queue.Enqueue((d, state));
        Schedule();
    }

    void IThreadPoolWorkItem.Execute()
    {
        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        try
        {
            for (int i = 0; i < ItemsPerVisit && _queue.TryDequeue(out var item); i++)
            {
                item.Work(item.State);
            }
        }
        finally
        {
            SetSynchronizationContext(before);
            Volatile.Write(ref _scheduled, 0);
            Interlocked.MemoryBarrier();
            if (!_queue.IsEmpty)
            {
                Schedule();
            }
        }
    }

    private void Schedule()
    {
        if (Interlocked.CompareExchange(ref _scheduled, 1, 0) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
