// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Simulation;

/// <summary>The clock of one simulated host.</summary>
internal sealed class SimulatedTimeProvider(SimulatedHost host, TimeSpan offset) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => host.Loop.Now + offset;

    public override long GetTimestamp() => host.Loop.Now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(host, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}
