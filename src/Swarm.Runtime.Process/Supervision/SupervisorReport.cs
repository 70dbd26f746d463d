// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Swarm.Runtime.Process;

/// <summary>What a supervisor has written so far.</summary>
/// <param name="CommandPid">Process id of the command; null when it has not been started.</param>
/// <param name="ExitCode">Its exit code; null while it runs, or when the supervisor was killed.</param>
internal readonly record struct SupervisorReport(int? CommandPid, int? ExitCode)
{
    private const int BytesMax = 256;

    /// <summary>
    /// Makes an empty report, on disk and with room: what it says must find its place also when the disk is full by then, because a report
    /// that says nothing means that nothing was started.
    /// </summary>
    public static SafeFileHandle Create(string path)
    {
        File.Delete(path);
        SafeFileHandle file = LibC.Open(path, LibC.OpenReadWrite | LibC.OpenCreate, LibC.OwnerOnly);
        try
        {
            // The supervisor writes from the start, over these; only what has the end of a line counts.
            byte[] blanks = new byte[BytesMax];
            blanks.AsSpan().Fill((byte)' ');
            RandomAccess.Write(file, blanks, 0);
            RandomAccess.FlushToDisk(file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

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
