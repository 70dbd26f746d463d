// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Agent.Shell;

/// <summary>Runs an action in a mailbox at a time, by a clock that never goes back, that can be moved. Belongs to that mailbox.</summary>
internal sealed class Alarm
{
    private readonly Mailbox _mailbox;
    private readonly Func<DateTimeOffset> _now;
    private readonly Action _action;
    private readonly ITimer _timer;
    private DateTimeOffset? _due;

    internal Alarm(Mailbox mailbox, Func<DateTimeOffset> now, Action action)
    {
        _mailbox = mailbox;
        _now = now;
        _action = action;
        _timer = mailbox.Time.CreateTimer(
            static state =>
            {
                var alarm = (Alarm)state!;
                alarm._mailbox.Post(alarm.Ring);
            },
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Moves the alarm.</summary>
    /// <param name="due">When; a time past rings at once. Null turns it off.</param>
    internal void Set(DateTimeOffset? due)
    {
        if (due == _due)
        {
            return;
        }

        _due = due;
        _timer.Change(due is null ? Timeout.InfiniteTimeSpan : Until(due.Value), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Turns the alarm off for good.</summary>
    internal void Stop()
    {
        _due = null;
        _timer.Dispose();
    }

    private void Ring()
    {
        if (_due is not { } due)
        {
            return;
        }

        if (due > _now())
        {
            // Moved after it had been posted, or a timer that counts in coarser steps than the clock.
            _timer.Change(Until(due), Timeout.InfiniteTimeSpan);
            return;
        }

        _due = null;
        _action();
    }

    // Timers count whole milliseconds and cut the rest off; rounding up avoids ringing once too early.
    private TimeSpan Until(DateTimeOffset due)
    {
        TimeSpan wait = due - _now();
        return wait <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
    }
}
