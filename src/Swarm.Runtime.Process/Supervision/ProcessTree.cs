// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Process;

/// <summary>
/// Finds and kills every process of a task. A process belongs to it by any of these: it is in the task's cgroup; it carries the task's
/// directory in its environment; its output goes to the task's; it is in the supervisor's session; it descends from one of these. A child has
/// to leave all of them to escape.
/// </summary>
/// <param name="marker">The task's directory, as in <see cref="ProcessPlanner.TaskDirectoryVariable"/>.</param>
/// <param name="cgroup">Its cgroup, or null.</param>
/// <param name="scanner">Where to look for processes.</param>
internal sealed class ProcessTree(string marker, TaskCgroup? cgroup, ProcessScanner scanner)
{
    private static readonly TimeSpan PauseLeast = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan PauseMost = TimeSpan.FromMilliseconds(100);

    /// <summary>Finds the living processes of the task, without its supervisor.</summary>
    /// <param name="supervisor">The supervisor's process id, if it is known to be the task's (not one that got its number since); else 0.</param>
    public async Task<List<ProcessEntry>> FindAsync(int supervisor)
    {
        // Nothing leaves a cgroup by itself: where there is one, nobody else need be looked at.
        if (FindInCgroup(supervisor) is { } inCgroup)
        {
            return inCgroup;
        }

        ProcessScan scan = await scanner.ScanAsync();
        var members = new HashSet<int>(scan.ByTask[marker]);
        members.UnionWith(scan.All.Where(entry => supervisor != 0 && entry.Session == supervisor).Select(static entry => entry.Pid));
        AddDescendants(scan.All, members);
        members.Remove(supervisor);
        members.Remove(Environment.ProcessId);
        return [.. scan.All.Where(entry => !entry.IsDead && members.Contains(entry.Pid))];
    }

    /// <summary>Kills the processes of the task, without its supervisor, until none is left.</summary>
    /// <exception cref="TaskControllerException">Temporary: some do not die (they wait in the kernel, such as for a disk).</exception>
    public async Task KillAsync(int supervisor, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        long begin = time.GetTimestamp();
        for (TimeSpan pause = PauseLeast; ; pause = pause * 2 < PauseMost ? pause * 2 : PauseMost)
        {
            List<ProcessEntry> living = await FindAsync(supervisor);
            if (living.Count == 0)
            {
                return;
            }

            foreach (ProcessEntry process in living)
            {
                _ = ProcessTable.Signal(process, StopSignal.Kill);
            }

            if (time.GetElapsedTime(begin) > limit)
            {
                throw new TaskControllerException(
                    TaskControllerErrorKind.Temporary,
                    $"processes do not die although they were killed: {string.Join(' ', living.Select(static process => process.Pid))}");
            }

            await Task.Delay(pause, time, cancellationToken);
        }
    }

    private List<ProcessEntry>? FindInCgroup(int supervisor)
    {
        if (cgroup?.Members() is not { } members)
        {
            return null;
        }

        // Asked again after each has been looked at: a number that has become somebody else's meanwhile is no member any more.
        ProcessEntry[] entries = [.. members.Select(ProcessTable.Read).OfType<ProcessEntry>()];
        HashSet<int> still = [.. cgroup.Members() ?? []];
        return [.. entries.Where(entry => entry.Pid > 1 && entry.Pid != supervisor && !entry.IsDead && still.Contains(entry.Pid))];
    }

    private static void AddDescendants(IReadOnlyList<ProcessEntry> all, HashSet<int> members)
    {
        for (bool more = members.Count > 0; more;)
        {
            more = false;
            foreach (ProcessEntry entry in all)
            {
                more |= members.Contains(entry.Parent) && members.Add(entry.Pid);
            }
        }
    }
}
