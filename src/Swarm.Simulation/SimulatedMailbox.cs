// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Simulation;

/// <summary>A mailbox whose items run when the loop picks it.</summary>
internal sealed class SimulatedMailbox(SimulatedHost host, string name, int id) : Mailbox
{
    private readonly Queue<(SendOrPostCallback Work, object? State)> _queue = new();

    public override string Name => name;

    public override TimeProvider Time => host.Time;

    public int Id => id;

    public bool HasWork => _queue.Count > 0;

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (host.Crashed)
        {
            return;
        }

        host.Loop.CheckThread();
        _queue.Enqueue((d, state));
        if (_queue.Count == 1)
        {
            host.Loop.MarkReady(this);
        }
    }

    public void Clear() => _queue.Clear();

    public void RunOne()
    {
        // The item stays at the head while it runs, so that posts made by it do not mark this mailbox ready twice.
        (SendOrPostCallback work, object? state) = _queue.Peek();
        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        try
        {
            work(state);
        }
        catch (Exception e)
        {
            host.Loop.Fail(e);
        }
        finally
        {
            SetSynchronizationContext(before);
            if (_queue.Count > 0)
            {
                _queue.Dequeue();
            }
        }
    }
}
