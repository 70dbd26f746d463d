// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Swarm.Runtime.Process;

/// <summary>
/// One thread that waits for the supervisors of all tasks by process descriptors (pidfd, Linux 5.3), which no reuse of process ids can
/// fool, and looks at the tasks' output and port files meanwhile.
/// </summary>
internal sealed unsafe class ProcessWatcher : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<(SafeFileHandle PidFd, ProcessRun Run)> _watched = [];
    private readonly int _pollMilliseconds;
    private readonly ILogger _logger;
    private readonly SafeFileHandle _wakeRead;
    private readonly SafeFileHandle _wakeWrite;
    private readonly Thread _thread;
    private bool _stopping;

    public ProcessWatcher(TimeSpan pollInterval, ILogger logger)
    {
        _pollMilliseconds = (int)pollInterval.TotalMilliseconds;
        _logger = logger;
        (_wakeRead, _wakeWrite) = Pipe();
        _thread = new Thread(Loop) { IsBackground = true, Name = "swarm-process-watch" };
        _thread.Start();
    }

    /// <summary>Opens a process descriptor; null when there is no such process.</summary>
    public static SafeFileHandle? OpenProcess(int pid)
    {
        nint fd = LibC.syscall(SystemCallNumbers.PidFdOpen, pid, 0, 0);
        if (fd >= 0)
        {
            return new SafeFileHandle(fd, ownsHandle: true);
        }

        return Marshal.GetLastPInvokeError() == LibC.ESRCH ? null
            : throw LibC.Failure($"cannot watch process {pid} (Linux 5.3 or later is needed)");
    }

    public static (SafeFileHandle Read, SafeFileHandle Write) Pipe()
    {
        int* ends = stackalloc int[2];
        return LibC.pipe2(ends, LibC.OpenCloseOnExec) == 0
            ? (new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true))
            : throw LibC.Failure("cannot make a pipe");
    }

    public void Add(SafeFileHandle pidFd, ProcessRun run)
    {
        lock (_lock)
        {
            _watched.Add((pidFd, run));
        }

        Wake();
    }

    /// <summary>Stops watching. The tasks go on.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_stopping)
            {
                return;
            }

            _stopping = true;
        }

        Wake();
        _thread.Join();
        foreach ((SafeFileHandle pidFd, _) in _watched)
        {
            pidFd.Dispose();
        }

        _wakeRead.Dispose();
        _wakeWrite.Dispose();
    }

    private void Wake() => _ = LibC.Write(_wakeWrite, [1]);

    private void Loop()
    {
        byte[] drain = new byte[64];
        while (true)
        {
            (SafeFileHandle PidFd, ProcessRun Run)[] watched;
            lock (_lock)
            {
                if (_stopping)
                {
                    return;
                }

                watched = [.. _watched];
            }

            var fds = new LibC.PollFd[watched.Length + 1];
            fds[^1] = new LibC.PollFd { Fd = (int)_wakeRead.DangerousGetHandle(), Events = LibC.PollIn };
            for (int i = 0; i < watched.Length; i++)
            {
                fds[i] = new LibC.PollFd { Fd = (int)watched[i].PidFd.DangerousGetHandle(), Events = LibC.PollIn };
            }

            fixed (LibC.PollFd* list = fds)
            {
                _ = LibC.poll(list, (nuint)fds.Length, watched.Length == 0 ? -1 : _pollMilliseconds);
            }

            if (fds[^1].Returned != 0)
            {
                _ = LibC.Read(_wakeRead, drain);
            }

            for (int i = 0; i < watched.Length; i++)
            {
                Visit(watched[i], ended: fds[i].Returned != 0);
            }
        }
    }

    private void Visit((SafeFileHandle PidFd, ProcessRun Run) item, bool ended)
    {
        try
        {
            if (!ended)
            {
                item.Run.Poll();
                return;
            }

            lock (_lock)
            {
                _watched.Remove(item);
            }

            item.PidFd.Dispose();
            item.Run.OnSupervisorEnded();
        }
        catch (Exception e)
        {
            // This thread serves every task. Such as a full disk: lines may be missing from the log, the task itself is not harmed.
            ProcessLog.OutputDefect(_logger, item.Run.TaskId, e);
        }
    }
}
