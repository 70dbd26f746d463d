// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Runtime.Tests;

/// <summary>One loop that runs what all its mailboxes were given, when told to, on the caller's thread: what a simulator does.</summary>
internal sealed class ManualLoop(TimeProvider time) : IMailboxFactory
{
    private readonly Queue<(Mailbox Box, SendOrPostCallback Work, object? State)> _queue = new();

    public TimeProvider Time => time;

    public Mailbox Create(string name) => new Box(name, this);

    public void RunToRest()
    {
        for (int steps = 0; _queue.TryDequeue(out var item); steps++)
        {
            Assert.True(steps < 10_000, "the loop does not come to rest");
            SynchronizationContext? before = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(item.Box);
            item.Work(item.State);
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private sealed class Box(string name, ManualLoop loop) : Mailbox
    {
        public override string Name => name;

        public override TimeProvider Time => loop.Time;

        public override void Post(SendOrPostCallback d, object? state) => loop._queue.Enqueue((this, d, state));
    }
}
