// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Swarm.Runtime.Process;

/// <summary>Names and numbers of signals on Linux.</summary>
internal static class StopSignal
{
    public const int Kill = 9;
    public const int Terminate = 15;

    private const int RealTimeLeast = 34;
    private const int RealTimeMost = 64;

    // In order of their numbers, from 1.
    private static readonly string[] Names =
    [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>Reads a signal: "SIGTERM", "term", "15", "SIGRTMIN+3"; empty is SIGTERM.</summary>
    /// <exception cref="TaskControllerException">There is no such signal.</exception>
    public static int Parse(string text)
    {
        if (text.Length == 0)
        {
            return Terminate;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return number is >= 1 and <= RealTimeMost and not (32 or 33) ? number : throw Unknown(text);
        }

        string name = text.ToUpperInvariant();
        name = name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name;
        int index = Array.IndexOf(Names, name);
        return index >= 0 ? index + 1 : RealTime(name) ?? throw Unknown(text);
    }

    /// <summary>The name of a signal, such as "SIGKILL".</summary>
    public static string NameOf(int signal) => signal >= 1 && signal <= Names.Length ? $"SIG{Names[signal - 1]}" : $"signal {signal}";

    private static int? RealTime(string name)
    {
        (int start, int sign, string rest) = name switch
        {
            ['R', 'T', 'M', 'I', 'N', .. string more] => (RealTimeLeast, '+', more),
            ['R', 'T', 'M', 'A', 'X', .. string more] => (RealTimeMost, '-', more),
            _ => (0, ' ', "?"),
        };
        if (rest.Length == 0)
        {
            return start;
        }

        bool fits = rest[0] == sign && int.TryParse(rest.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int offset)
            && (start = sign == '+' ? start + offset : start - offset) is >= RealTimeLeast and <= RealTimeMost;
        return fits ? start : null;
    }

    private static TaskControllerException Unknown(string text) =>
        new($"unknown stop signal: {text} (give a name such as SIGTERM, or a number)");
}
