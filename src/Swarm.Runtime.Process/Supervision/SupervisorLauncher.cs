// SPDX-License-Identifier: Apache-2.0
using Microsoft.Win32.SafeHandles;

namespace Swarm.Runtime.Process;

/// <summary>Starts the supervisor of a task; see <see cref="SupervisorScript"/> for what it does and why.</summary>
internal static class SupervisorLauncher
{
    private const int AppendTo = LibC.OpenReadWrite | LibC.OpenCreate | LibC.OpenAppend;

    /// <summary>Starts the supervisor, writes down who it is, and lets it start the command.</summary>
    /// <param name="task">The task.</param>
    /// <param name="plan">What to start.</param>
    /// <param name="record">What is known of the task so far.</param>
    /// <param name="directory">The task's directory.</param>
    /// <param name="options">Settings.</param>
    /// <param name="begin">Called with the record as it was written, and a descriptor of the supervisor, before the command starts.</param>
    /// <exception cref="IOException">The system refused; nothing was started.</exception>
    public static void Launch(
        Api.Task task, ProcessPlan plan, TaskRecord record, TaskDirectory directory, ProcessExecutorOptions options,
        Action<TaskRecord, SafeFileHandle> begin)
    {
        using SafeFileHandle report = SupervisorReport.Create(directory.Report);
        using SafeFileHandle stdout = LibC.Open(directory.RawStdout, AppendTo, LibC.OwnerOnly);
        using SafeFileHandle stderr = LibC.Open(directory.RawStderr, AppendTo, LibC.OwnerOnly);
        if (plan.User is { } user)
        {
            // Programs open /dev/stdout anew, for which the file has to be theirs.
            _ = LibC.fchown(stdout, user.Uid, user.Gid);
            _ = LibC.fchown(stderr, user.Uid, user.Gid);
        }

        (SafeFileHandle read, SafeFileHandle write) = ProcessWatcher.Pipe();
        using SafeFileHandle goRead = read, goWrite = write;
        int pid = Spawner.Start(
            SupervisorScript.Arguments(plan.WorkingDirectory ?? directory.Work, plan),
            TaskEnvironment.Make(task, plan, directory, record.DependencyDirectory, options),
            [(Number(goRead), 0), (Number(stdout), 1), (Number(stderr), 2), (Number(report), SupervisorScript.ReportDescriptor)],
            plan.User);
        try
        {
            Register(plan, record, directory, pid, begin);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without the word it leaves by itself once the pipe is closed.
            goRead.Dispose();
            goWrite.Dispose();
            _ = LibC.waitpid(pid, out _, 0);
            throw;
        }

        // Should the supervisor have died meanwhile, whoever watches it sees that.
        _ = LibC.Write(goWrite, SupervisorScript.Go);
    }

    private static void Register(
        ProcessPlan plan, TaskRecord record, TaskDirectory directory, int pid, Action<TaskRecord, SafeFileHandle> begin)
    {
        if (record.Cgroup is { } cgroup)
        {
            new TaskCgroup(cgroup).Create(plan, pid);
        }

        record = record with
        {
            BootId = ProcessTable.BootId,
            SupervisorPid = pid,
            SupervisorStartTime = ProcessTable.Read(pid)?.StartTime ?? 0,
        };
        record.Save(directory.Record);
        begin(record, ProcessWatcher.OpenProcess(pid) ?? throw new IOException("the supervisor is gone"));
    }

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();
}
