// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Testing;

/// <summary>Mailboxes on the thread pool that know together whether any of them has work, so that a test can wait for that. Thread-safe.</summary>
internal sealed class InProcessClusterMailboxes(TimeProvider time) : IMailboxFactory
{
    private readonly Lock _lock = new();
    private int _pending;
    private TaskCompletionSource? _settled;

    public TimeProvider Time { get; } = time;

    public Mailbox Create(string name) => new Counted(this, new ThreadPoolMailbox(name, Time));

    /// <summary>Ends when no mailbox has work.</summary>
    public Task SettledAsync()
    {
        lock (_lock)
        {
            return _pending == 0
                ? Task.CompletedTask
                : (_settled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private void Begin()
    {
        lock (_lock)
        {
            _pending++;
        }
    }

    private void End()
    {
        lock (_lock)
        {
            if (--_pending == 0)
            {
                _settled?.SetResult();
                _settled = null;
            }
        }
    }

    private sealed class Counted(InProcessClusterMailboxes all, ThreadPoolMailbox inner) : Mailbox
    {
        public override string Name => inner.Name;

        public override TimeProvider Time => inner.Time;

        public override void Post(SendOrPostCallback d, object? state)
        {
            all.Begin();
            inner.Post(
                _ =>
                {
                    // What is awaited in here comes back through this mailbox, not past the count.
                    SynchronizationContext? outer = Current;
                    SetSynchronizationContext(this);
                    try
                    {
                        d(state);
                    }
                    finally
                    {
                        SetSynchronizationContext(outer);
                        all.End();
                    }
                },
                null);
        }
    }
}
