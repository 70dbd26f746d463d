// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Swarm.Runtime.Process;

/// <summary>One process as /proc shows it.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="Parent">Process id of the parent.</param>
/// <param name="Session">Session id.</param>
/// <param name="IsDead">It has ended and waits for its parent to take notice.</param>
/// <param name="StartTime">Clock ticks from boot to its start: with the pid and the boot id, this names a process for good.</param>
internal readonly record struct ProcessEntry(int Pid, int Parent, int Session, bool IsDead, ulong StartTime);

/// <summary>Reads /proc. Processes come and go meanwhile: what is gone reads as absent.</summary>
internal static class ProcessTable
{
    // Fields of /proc/PID/stat, counted from the state, which follows the name in brackets.
    private const int StateField = 0;
    private const int ParentField = 1;
    private const int SessionField = 3;
    private const int StartTimeField = 19;

    /// <summary>Changes with each start of the machine.</summary>
    public static string BootId { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>Reads one process; null when there is none.</summary>
    public static ProcessEntry? Read(int pid)
    {
        if (TryRead($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat") is not { } bytes)
        {
            return null;
        }

        // The name may hold anything, brackets too: fields are counted after its last one.
        string text = Encoding.Latin1.GetString(bytes);
        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return new ProcessEntry(
            pid,
            int.Parse(fields[ParentField], CultureInfo.InvariantCulture),
            int.Parse(fields[SessionField], CultureInfo.InvariantCulture),
            fields[StateField] is "Z" or "X",
            ulong.Parse(fields[StartTimeField], CultureInfo.InvariantCulture));
    }

    /// <summary>Reads all processes, in order of their ids.</summary>
    public static List<ProcessEntry> ReadAll()
    {
        var all = new List<ProcessEntry>();
        foreach (string path in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
                && Read(pid) is { } entry)
            {
                all.Add(entry);
            }
        }

        all.Sort(static (a, b) => a.Pid.CompareTo(b.Pid));
        return all;
    }

    /// <summary>Reads a variable a process was started with; null when it has none or may not be looked at.</summary>
    public static string? ReadVariable(int pid, string name)
    {
        if (TryRead($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/environ") is not { } environment)
        {
            return null;
        }

        byte[] prefix = Encoding.UTF8.GetBytes(name + "=");
        ReadOnlySpan<byte> rest = environment;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)0);
            ReadOnlySpan<byte> entry = end < 0 ? rest : rest[..end];
            if (entry.StartsWith(prefix))
            {
                return Encoding.UTF8.GetString(entry[prefix.Length..]);
            }

            rest = end < 0 ? default : rest[(end + 1)..];
        }

        return null;
    }

    /// <summary>Where an open descriptor of a process leads; null when it has none, or may not be looked at.</summary>
    public static string? ReadDescriptor(int pid, int descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fd/{descriptor}"), false)?.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Sends a signal to exactly this process: not to another one that has got its number since.</summary>
    /// <returns>Whether it was sent.</returns>
    public static bool Signal(ProcessEntry process, int signal)
    {
        // Opened first and compared then: what is compared is what the descriptor stands for.
        using SafeFileHandle? pidFd = ProcessWatcher.OpenProcess(process.Pid);
        return pidFd is not null && Read(process.Pid)?.StartTime == process.StartTime
            && LibC.syscall(SystemCallNumbers.PidFdSendSignal, pidFd, signal, 0, 0) == 0;
    }

    private static byte[]? TryRead(string path)
    {
        try
        {
            return File.ReadAllBytes(path) is { Length: > 0 } bytes ? bytes : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
