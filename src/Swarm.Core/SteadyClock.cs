// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Core;

/// <summary>
/// The time for code whose machine's clock may be set while it runs: what waits does so for as long as it was meant to, whether the clock
/// leaps an hour on or a day back. Belongs to one mailbox.
/// </summary>
/// <param name="time">The clock that may be set, and the counter that may not.</param>
public sealed class SteadyClock(TimeProvider time)
{
    // What part of the time goes by for stamps until a clock that was set back has caught up with them.
    private const double CatchUpPace = 0.9;

    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly long _startCount = time.GetTimestamp();
    private DateTimeOffset _stamp = DateTimeOffset.MinValue;
    private long _stampCount = time.GetTimestamp();

    /// <summary>The clock's time at the start and what has passed since. Setting the clock does not change it: for timeouts and timers.</summary>
    public DateTimeOffset Now => _start + time.GetElapsedTime(_startCount);

    /// <summary>
    /// The clock's time, but never earlier than before: for what is written down and may be waited on later. After the clock was set back
    /// it goes on from where it was, a tenth slower, until both agree again; a clock set forward is followed at once.
    /// </summary>
    public DateTimeOffset Stamp
    {
        get
        {
            long count = time.GetTimestamp();
            DateTimeOffset clock = time.GetUtcNow();
            DateTimeOffset least = _stamp + (time.GetElapsedTime(_stampCount, count) * CatchUpPace);
            _stampCount = count;
            return _stamp = clock > least ? clock : least;
        }
    }
}
