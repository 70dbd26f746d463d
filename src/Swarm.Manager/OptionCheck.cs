// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Swarm.Manager;

/// <summary>Checks of option values, with one line that says what is wrong and what is allowed.</summary>
internal static class OptionCheck
{
    public static void AtLeast(long value, long least, string name)
    {
        if (value < least)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it must be at least {least}."), name);
        }
    }

    public static void Range(double value, double least, double most, string name)
    {
        if (!(value >= least && value <= most))
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it must be from {least} to {most}."), name);
        }
    }

    public static void Positive(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero)
        {
            throw new ArgumentException($"{name} is {value}; it must be above zero.", name);
        }
    }

    public static void NotNegative(TimeSpan value, string name)
    {
        if (value < TimeSpan.Zero)
        {
            throw new ArgumentException($"{name} is {value}; it must not be below zero.", name);
        }
    }
}
