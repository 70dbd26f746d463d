// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Simulation;

/// <summary>A timer of one simulated host; it dies with the host.</summary>
internal sealed class SimulatedTimer(SimulatedHost host, TimerCallback callback, object? state) : ITimer
{
    private DateTimeOffset? _due;
    private TimeSpan _period = Timeout.InfiniteTimeSpan;

    public SimulatedHost Host => host;

    // Changing a timer leaves its old entry in the loop's queue; only the entry of the present due time counts.
    public bool IsDue(DateTimeOffset entry) => !host.Crashed && _due == entry;

    public void Fire()
    {
        _due = null;
        if (_period > TimeSpan.Zero)
        {
            Arm(_period);
        }

        callback(state);
    }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (host.Crashed)
        {
            return false;
        }

        _period = period;
        if (dueTime == Timeout.InfiniteTimeSpan)
        {
            _due = null;
        }
        else
        {
            Arm(dueTime);
        }

        return true;
    }

    public void Dispose() => _due = null;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Arm(TimeSpan dueTime)
    {
        DateTimeOffset due = host.Loop.Now + dueTime;
        if (_due == due)
        {
            return;
        }

        _due = due;
        host.Loop.SetTimer(this, due);
    }
}
