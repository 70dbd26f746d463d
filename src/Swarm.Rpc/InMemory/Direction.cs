// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Rpc.InMemory;

/// <summary>One direction of a connection: what was sent arrives in order, later or never. Guarded by the lock of its link.</summary>
internal sealed class Direction(Side to, Lock gate)
{
    private readonly SteadyClock _clock = new(to.Mailbox.Time);
    private readonly Queue<(DateTimeOffset Due, Action Piece)> _flying = new();
    private DateTimeOffset _lastDue = DateTimeOffset.MinValue;
    private ITimer? _timer;
    private bool _closed;

    /// <summary>Whether something was lost, so that nothing after it arrives.</summary>
    public bool IsLost { get; set; }

    /// <summary>Sends a piece that arrives after a delay, and not before what was sent earlier.</summary>
    public void Send(TimeSpan delay, Action piece)
    {
        TimeProvider time = to.Mailbox.Time;
        DateTimeOffset now = _clock.Now;
        DateTimeOffset due = now + delay;
        _lastDue = due > _lastDue ? due : _lastDue;
        if (_flying.Count == 0 && _lastDue <= now)
        {
            to.Mailbox.Post(piece);
            return;
        }

        _flying.Enqueue((_lastDue, piece));
        if (_flying.Count == 1)
        {
            _timer ??= time.CreateTimer(_ => Arrive(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(_lastDue - now, Timeout.InfiniteTimeSpan);
        }
    }

    public void Close()
    {
        _closed = true;
        _flying.Clear();
        _timer?.Dispose();
    }

    private void Arrive()
    {
        lock (gate)
        {
            DateTimeOffset now = _clock.Now;
            while (!_closed && _flying.TryPeek(out var next))
            {
                if (next.Due > now)
                {
                    _timer!.Change(next.Due - now, Timeout.InfiniteTimeSpan);
                    return;
                }

                _flying.Dequeue();
                to.Mailbox.Post(next.Piece);
            }
        }
    }
}
