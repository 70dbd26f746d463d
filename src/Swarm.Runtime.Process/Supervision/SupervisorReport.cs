// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Swarm.Runtime.Process;

/// <summary>What a supervisor has written so far.</summary>
/// <param name="CommandPid">Process id of the command; null when it has not been started.</param>
/// <param name="ExitCode">Its exit code; null while it runs, or when the supervisor was killed.</param>
internal readonly record struct SupervisorReport(int? CommandPid, int? ExitCode)
{
    private const int BytesMax = 256;

    /// <summary>Reads the report; an absent file is an empty report. Only whole lines count.</summary>
    public static SupervisorReport Read(string path)
    {
        if (!File.Exists(path))
        {
            return default;
        }

        string text = Encoding.ASCII.GetString(LibC.ReadStart(path, BytesMax));
        int? pid = null;
        int? exit = null;
        foreach (string line in text[..(text.LastIndexOf('\n') + 1)].Split('\n'))
        {
            pid ??= Number(line, "pid ");
            exit ??= Number(line, "exit ");
        }

        return new SupervisorReport(pid, exit);
    }

    private static int? Number(string line, string prefix) =>
        line.StartsWith(prefix, StringComparison.Ordinal)
        && int.TryParse(line.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
