// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using Swarm.Core;
using Swarm.Samples.Swarmctl.Output;

namespace Swarm.Samples.Swarmctl.Flags;

/// <summary>Flags of the forms that Go's tools have.</summary>
internal static class Parse
{
    /// <summary>A flag that may be repeated and whose value may hold several, with commas between; quotes keep a comma.</summary>
    /// <param name="name">The flag, with dashes.</param>
    /// <param name="description">One line of help.</param>
    /// <param name="valueName">What a value is.</param>
    /// <returns>The option.</returns>
    public static Option<string[]> List(string name, string description, string valueName) => new(name)
    {
        Description = description,
        HelpName = valueName,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = static result => [.. result.Tokens.SelectMany(t => SplitOrReport(t.Value, result))],
    };

    /// <summary>A flag whose value is a duration.</summary>
    /// <param name="name">The flag, with dashes.</param>
    /// <param name="description">One line of help.</param>
    /// <returns>The option.</returns>
    public static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "duration",
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
            if (GoDuration.TryParse(text, out TimeSpan duration))
            {
                return duration;
            }

            result.AddError($"invalid argument \"{text}\" for \"{name}\": give a duration such as 10s or 1h30m");
            return null;
        },
    };

    /// <summary>A flag with a text.</summary>
    /// <param name="name">The flag, with dashes.</param>
    /// <param name="description">One line of help.</param>
    /// <param name="valueName">What the value is.</param>
    /// <returns>The option.</returns>
    public static Option<string?> Text(string name, string description, string valueName) =>
        new(name) { Description = description, HelpName = valueName };

    /// <summary>Splits a value at its commas, as a line of comma-separated values.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The parts.</returns>
    /// <exception cref="SwarmException">A quote is not closed.</exception>
    public static IReadOnlyList<string> Split(string value)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        bool quoted = false;
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            if (quoted && c == '"' && i + 1 < value.Length && value[i + 1] == '"')
            {
                part.Append(c);
                i++;
            }
            else if (c == '"' && (quoted || part.Length == 0))
            {
                quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                parts.Add(part.ToString());
                part.Clear();
            }
            else
            {
                part.Append(c);
            }
        }

        Cli.Require(!quoted, $"a quote is not closed in {value}");
        parts.Add(part.ToString());
        return parts;
    }

    /// <summary>Reads KEY=VALUE; a text without = is a key with an empty value.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Key and value.</returns>
    public static KeyValuePair<string, string> Pair(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? new(text, "") : new(text[..equals], text[(equals + 1)..]);
    }

    /// <summary>Reads a number of bytes: 512m, 1GiB, 4096.</summary>
    /// <param name="text">The text; units are powers of 1024.</param>
    /// <returns>The number.</returns>
    /// <exception cref="SwarmException">The text is none.</exception>
    public static long Bytes(string text)
    {
        string lower = text.Trim().ToLowerInvariant();
        int end = lower.AsSpan().IndexOfAnyExcept("0123456789.");
        string unit = end < 0 ? "" : lower[end..].Trim();
        int power = unit.TrimEnd('b').TrimEnd('i') switch { "" => 0, "k" => 1, "m" => 2, "g" => 3, "t" => 4, "p" => 5, _ => -1 };
        decimal scale = 1L << (10 * Math.Max(power, 0));
        bool ok = decimal.TryParse(
            end < 0 ? lower : lower[..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number);
        Cli.Require(ok && power >= 0 && number <= long.MaxValue / scale, $"invalid size {text}: give bytes, such as 512m or 1g");
        return (long)(number * scale);
    }

    /// <summary>Reads processors: 0.5, 2.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Billionths of a processor.</returns>
    /// <exception cref="SwarmException">The text is none.</exception>
    public static long NanoCpus(string text)
    {
        bool ok = decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal cpus);
        Cli.Require(ok && cpus < 1_000_000, $"invalid number of CPUs {text}: give a number such as 0.5");
        decimal nanos = cpus * 1_000_000_000m;
        Cli.Require(nanos == decimal.Truncate(nanos), $"invalid number of CPUs {text}: at most nine digits after the point");
        return (long)nanos;
    }

    private static IReadOnlyList<string> SplitOrReport(string value, ArgumentResult result)
    {
        try
        {
            return Split(value);
        }
        catch (SwarmException e)
        {
            result.AddError(e.Message);
            return [];
        }
    }
}
