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

    /// <summary>The duration, or a default where none was set.</summary>
    /// <param name="duration">The value of a message field; null where unset.</param>
    /// <param name="otherwise">What counts when it is unset.</param>
    /// <returns>The time.</returns>
    public static TimeSpan OrDefault(this Duration? duration, TimeSpan otherwise) => duration?.ToTimeSpan() ?? otherwise;
}
