// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace Swarm.Samples.Swarmctl.Output;

/// <summary>Times and sizes as people read them.</summary>
internal static class Human
{
    private static readonly string[] _sizes = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>How long ago something was: "30 seconds ago", "About an hour ago".</summary>
    /// <param name="when">The moment; null where none is known.</param>
    /// <param name="now">The time now.</param>
    /// <returns>The text; empty for none.</returns>
    public static string Ago(Timestamp? when, DateTimeOffset now) => when is null ? "" : Span(now - when.ToDateTimeOffset()) + " ago";

    /// <summary>A length of time in one unit.</summary>
    /// <param name="span">The length.</param>
    /// <returns>The text.</returns>
    public static string Span(TimeSpan span)
    {
        long seconds = (long)span.TotalSeconds;
        long minutes = (long)span.TotalMinutes;
        long hours = (long)Math.Round(span.TotalHours, MidpointRounding.AwayFromZero);
        return (seconds, minutes, hours) switch
        {
            ( < 1, _, _) => "Less than a second",
            (1, _, _) => "1 second",
            ( < 60, _, _) => Count(seconds, "seconds"),
            (_, 1, _) => "About a minute",
            (_, < 60, _) => Count(minutes, "minutes"),
            (_, _, 1) => "About an hour",
            (_, _, < 48) => Count(hours, "hours"),
            (_, _, < 24 * 7 * 2) => Count(hours / 24, "days"),
            (_, _, < 24 * 30 * 2) => Count(hours / 24 / 7, "weeks"),
            (_, _, < 24 * 365 * 2) => Count(hours / 24 / 30, "months"),
            _ => Count(hours / 24 / 365, "years"),
        };
    }

    /// <summary>A number of bytes in units of 1024: "24 GiB", "1.5 MiB".</summary>
    /// <param name="bytes">The number.</param>
    /// <returns>The text.</returns>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < _sizes.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        value = Math.Floor((value * 10) + 0.5) / 10;
        string format = unit > 0 && value < 10 ? "0.0" : "0";
        return value.ToString(format, CultureInfo.InvariantCulture) + " " + _sizes[unit];
    }

    /// <summary>Processors, from billionths of one.</summary>
    /// <param name="nanoCpus">Billionths.</param>
    /// <returns>The text, such as 2 or 0.5.</returns>
    public static string Cpus(long nanoCpus) => (nanoCpus / 1_000_000_000m).ToString("0.#########", CultureInfo.InvariantCulture);

    /// <summary>A moment as RFC 3339 has it, with as many digits as it needs.</summary>
    /// <param name="when">The moment; null where none is known.</param>
    /// <returns>The text; empty for none.</returns>
    public static string Moment(Timestamp? when)
    {
        if (when is null)
        {
            return "";
        }

        string seconds = DateTimeOffset.FromUnixTimeSeconds(when.Seconds).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        string nanos = when.Nanos.ToString("000000000", CultureInfo.InvariantCulture).TrimEnd('0');
        return nanos.Length == 0 ? seconds + "Z" : $"{seconds}.{nanos}Z";
    }

    private static string Count(long number, string unit) => number.ToString(CultureInfo.InvariantCulture) + " " + unit;
}
