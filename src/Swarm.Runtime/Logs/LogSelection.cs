// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime;

/// <summary>Reads the options of a log subscription as the wire defines them.</summary>
public static class LogSelection
{
    /// <summary>Whether a line is asked for by its stream and time.</summary>
    /// <param name="options">The subscription.</param>
    /// <param name="line">The line.</param>
    /// <returns>True when the line belongs to the answer, but for the tail.</returns>
    public static bool Matches(LogSubscriptionOptions options, in TaskLogLine line) =>
        (options.Streams.Count == 0 || options.Streams.Contains(line.Stream))
        && (options.Since is null || line.Timestamp >= options.Since.ToDateTimeOffset());

    /// <summary>How many of the lines kept are asked for.</summary>
    /// <param name="options">The subscription.</param>
    /// <returns>The number of last lines (0: only new ones), or null for all.</returns>
    public static int? Tail(LogSubscriptionOptions options) =>
        options.Tail >= 0 ? null : (int)Math.Min(int.MaxValue, -(options.Tail + 1));

    /// <summary>How many of the lines kept are to be left out at the start.</summary>
    /// <param name="options">The subscription.</param>
    /// <returns>The number of lines, 0 when the tail is not positive.</returns>
    public static int Skip(LogSubscriptionOptions options) => (int)Math.Clamp(options.Tail, 0, int.MaxValue);
}
