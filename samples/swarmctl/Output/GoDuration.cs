// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Swarm.Samples.Swarmctl.Output;

/// <summary>Durations as Go's tools write them: 5s, 1.5h, 2160h0m0s, 300ms. Kept in steps of 100 ns.</summary>
internal static class GoDuration
{
    private static readonly (string Name, decimal Ticks)[] _units =
    [
        ("ns", 0.01m), ("us", 10m), ("µs", 10m), ("μs", 10m), ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    /// <summary>Reads a duration.</summary>
    /// <param name="text">A sign, then numbers with units: "1h30m", "-1.5s"; "0" needs no unit.</param>
    /// <param name="duration">The duration.</param>
    /// <returns>Whether the text is one.</returns>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        ReadOnlySpan<char> rest = text.AsSpan();
        bool negative = rest.StartsWith("-");
        rest = negative || rest.StartsWith("+") ? rest[1..] : rest;
        if (rest is "0")
        {
            return true;
        }

        decimal ticks = 0;
        if (rest.IsEmpty)
        {
            return false;
        }

        while (!rest.IsEmpty)
        {
            if (!TryTakePart(ref rest, out decimal part) || ticks + part > long.MaxValue)
            {
                return false;
            }

            ticks += part;
        }

        duration = TimeSpan.FromTicks((long)(negative ? -ticks : ticks));
        return true;
    }

    /// <summary>Writes a duration: the largest unit needed and all below it, fractions of seconds as far as there are some.</summary>
    /// <param name="duration">The duration.</param>
    /// <returns>The text, such as 2160h0m0s.</returns>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        decimal ticks = Math.Abs((decimal)duration.Ticks);
        string sign = duration < TimeSpan.Zero ? "-" : "";
        if (ticks < TimeSpan.TicksPerSecond)
        {
            (string unit, decimal size) = ticks switch
            {
                < 10 => ("ns", 0.01m),
                < TimeSpan.TicksPerMillisecond => ("µs", 10m),
                _ => ("ms", TimeSpan.TicksPerMillisecond),
            };
            return sign + Number(ticks / size) + unit;
        }

        var result = new StringBuilder(sign);
        decimal hours = Math.Floor(ticks / TimeSpan.TicksPerHour);
        decimal minutes = Math.Floor(ticks % TimeSpan.TicksPerHour / TimeSpan.TicksPerMinute);
        decimal seconds = ticks % TimeSpan.TicksPerMinute / TimeSpan.TicksPerSecond;
        if (hours > 0)
        {
            result.Append(Number(hours)).Append('h');
        }

        if (hours > 0 || minutes > 0)
        {
            result.Append(Number(minutes)).Append('m');
        }

        return result.Append(Number(seconds)).Append('s').ToString();
    }

    private static string Number(decimal value) => value.ToString("0.#########", CultureInfo.InvariantCulture);

    private static bool TryTakePart(ref ReadOnlySpan<char> rest, out decimal ticks)
    {
        ticks = 0;
        int end = rest.IndexOfAnyExcept("0123456789.");
        if (end <= 0
            || !decimal.TryParse(rest[..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
            || number > long.MaxValue / (decimal)TimeSpan.TicksPerHour)
        {
            return false;
        }

        rest = rest[end..];
        int next = rest.IndexOfAny("0123456789.");
        ReadOnlySpan<char> unit = next < 0 ? rest : rest[..next];
        foreach ((string name, decimal size) in _units)
        {
            if (unit.SequenceEqual(name))
            {
                ticks = number * size;
                rest = rest[unit.Length..];
                return true;
            }
        }

        return false;
    }
}
