// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>The signals of Linux that may ask a task to stop.</summary>
internal static class Signals
{
    private const int NumberMax = 64;

    private static readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase)
    {
        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL", "PROF", "PWR",
        "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH",
        "XCPU", "XFSZ", "RTMIN", "RTMAX",
    };

    /// <summary>Refuses a text that is no signal.</summary>
    /// <param name="signal">A name with or without SIG, or a number; empty for the default.</param>
    /// <param name="what">Which spec it is in, for the text.</param>
    public static void Validate(string signal, string what) =>
        ControlRules.StopSignal.Require(signal.Length == 0 || IsSignal(signal), what, signal);

    private static bool IsSignal(string signal)
    {
        if (int.TryParse(signal, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return number is >= 1 and <= NumberMax;
        }

        string name = signal.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? signal[3..] : signal;
        return _names.Contains(name) || IsRealTime(name, "RTMIN+", 30) || IsRealTime(name, "RTMAX-", 30);
    }

    private static bool IsRealTime(string name, string prefix, int most) =>
        name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        && int.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int offset)
        && offset <= most;
}
