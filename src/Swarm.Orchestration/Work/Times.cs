// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Orchestration.Work;

/// <summary>The times of tasks, by the clocks of managers where they are known.</summary>
internal static class Times
{
    /// <summary>A time after another, held at the end of time where the sum is beyond it.</summary>
    public static DateTimeOffset After(this DateTimeOffset time, TimeSpan span) =>
        span > DateTimeOffset.MaxValue - time ? DateTimeOffset.MaxValue : time + span;

    /// <summary>When a task was made.</summary>
    public static DateTimeOffset CreatedAt(this Api.Task task) => At(task.Meta?.CreatedAt ?? task.Status?.Timestamp);

    /// <summary>When a task got the status it has: as the manager took it, else as reported.</summary>
    public static DateTimeOffset StatusAt(this Api.Task task) =>
        At(task.Status?.AppliedAt ?? task.Status?.Timestamp ?? task.Meta?.UpdatedAt);

    private static DateTimeOffset At(Timestamp? time) => time.ToTime() ?? DateTimeOffset.UnixEpoch;
}
