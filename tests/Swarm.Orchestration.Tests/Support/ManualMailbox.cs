// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Orchestration.Tests.Support;

/// <summary>A mailbox that runs what was posted when the test says so.</summary>
internal sealed class ManualMailbox(TimeProvider time) : Mailbox
{
    private readonly Queue<(SendOrPostCallback Work, object? State)> _queue = new();

    public override string Name => "test";

    public override TimeProvider Time { get; } = time;

    public override void Post(SendOrPostCallback d, object? state) => _queue.Enqueue((d, state));

    /// <summary>Runs everything, and what that posts; false at once where there was nothing.</summary>
    public bool Pump()
    {
        bool any = false;
        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        try
        {
            for (int i = 0; _queue.TryDequeue(out var item); i++)
            {
                Assert.True(i < 1_000_000, "the mailbox does not come to rest");
                item.Work(item.State);
                any = true;
            }
        }
        finally
        {
            SetSynchronizationContext(before);
        }

        return any;
    }
}
