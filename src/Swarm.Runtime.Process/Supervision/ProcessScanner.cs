// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Process;

/// <summary>All processes at one moment.</summary>
/// <param name="All">The processes, in order of their ids.</param>
/// <param name="ByTask">Living processes by their task's own directory; those that show none are left out.</param>
internal sealed record ProcessScan(IReadOnlyList<ProcessEntry> All, ILookup<string, int> ByTask)
{
    public static ProcessScan Take()
    {
        List<ProcessEntry> all = ProcessTable.ReadAll();
        return new ProcessScan(all, all
            .Where(static entry => !entry.IsDead)
            .Select(static entry => (entry.Pid, Marker: MarkerOf(entry.Pid)))
            .Where(static entry => entry.Marker is not null)
            .ToLookup(static entry => entry.Marker!, static entry => entry.Pid));
    }

    // A process that has cleared its environment is still known by where its output goes.
    private static string? MarkerOf(int pid) => ProcessTable.ReadVariable(pid, ProcessPlanner.TaskDirectoryVariable)
        ?? (ProcessTable.ReadDescriptor(pid, 1) is { } stdout ? TaskDirectory.WorkByOutput(stdout) : null)
        ?? (ProcessTable.ReadDescriptor(pid, 2) is { } stderr ? TaskDirectory.WorkByOutput(stderr) : null);
}

/// <summary>
/// Takes scans of all processes, one at a time: everybody who asks while one is being taken shares the next. So hundreds of tasks that end at once
/// cost a few scans and not hundreds. Thread-safe.
/// </summary>
internal sealed class ProcessScanner
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<ProcessScan>? _next;
    private bool _running;

    /// <summary>Gives a scan that is begun after this call.</summary>
    public Task<ProcessScan> ScanAsync()
    {
        lock (_lock)
        {
            _next ??= new TaskCompletionSource<ProcessScan>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_running)
            {
                _running = true;
                _ = Task.Run(Loop);
            }

            return _next.Task;
        }
    }

    private void Loop()
    {
        while (true)
        {
            TaskCompletionSource<ProcessScan> current;
            lock (_lock)
            {
                if (_next is null)
                {
                    _running = false;
                    return;
                }

                (current, _next) = (_next, null);
            }

            try
            {
                current.SetResult(ProcessScan.Take());
            }
            catch (Exception e)
            {
                // The loop serves everybody: whoever asked is told, and may ask again.
                current.SetException(e);
            }
        }
    }
}
