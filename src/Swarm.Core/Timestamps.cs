// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;

namespace Swarm.Core;

/// <summary>Between the clock and the time values of messages.</summary>
public static class Timestamps
{
    /// <summary>The time now, as a message holds it.</summary>
    /// <param name="time">The clock.</param>
    /// <returns>UTC, in steps of 100 ns.</returns>
    public static Timestamp GetTimestamp(TimeProvider time) => Timestamp.FromDateTimeOffset(time.GetUtcNow());

    /// <summary>The time that a message holds. What came over the wire may be no time at all, and must not throw anywhere.</summary>
    /// <param name="timestamp">The value of a message field; null where unset.</param>
    /// <returns>The time; null where it is unset or outside of what a timestamp may hold.</returns>
    public static DateTimeOffset? ToTime(this Timestamp? timestamp) =>
        timestamp is { Seconds: >= -62_135_596_800 and <= 253_402_300_799, Nanos: >= 0 and <= 999_999_999 }
            ? timestamp.ToDateTimeOffset()
            : null;

    /// <summary>The duration, or a default where none was set or what was set is no duration.</summary>
    /// <param name="duration">The value of a message field; null where unset.</param>
    /// <param name="otherwise">What counts when it is unset.</param>
    /// <returns>The time.</returns>
    public static TimeSpan OrDefault(this Duration? duration, TimeSpan otherwise) =>
        duration is { Seconds: >= -315_576_000_000 and <= 315_576_000_000, Nanos: > -1_000_000_000 and < 1_000_000_000 }
            && (duration.Seconds == 0 || duration.Nanos == 0 || duration.Seconds < 0 == duration.Nanos < 0)
            ? duration.ToTimeSpan()
            : otherwise;
}
