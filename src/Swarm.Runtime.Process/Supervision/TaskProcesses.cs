// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Swarm.Runtime.Process;

/// <summary>The processes of one task as the system has them: finds them again, signals them, ends them. Thread-safe.</summary>
internal sealed class TaskProcesses(string taskId, TaskDirectory directory, RunServices services)
{
    /// <summary>Opens the supervisor that a record names, if that still is it, and lives.</summary>
    public static SafeFileHandle? OpenSupervisor(TaskRecord record)
    {
        if (record.BootId != ProcessTable.BootId)
        {
            return null;
        }

        // Opened first and compared then: what is compared is what the descriptor stands for.
        SafeFileHandle? handle = ProcessWatcher.OpenProcess(record.SupervisorPid);
        if (handle is not null
            && (ProcessTable.Read(record.SupervisorPid) is not { IsDead: false } found || found.StartTime != record.SupervisorStartTime))
        {
            handle.Dispose();
            return null;
        }

        return handle;
    }

    /// <summary>Sends the command its stop signal.</summary>
    /// <returns>Whether there was a command to send it to.</returns>
    public bool SendStopSignal(TaskRecord record) =>
        SupervisorReport.Read(directory.Report).CommandPid is { } pid
        && ProcessTable.Read(pid) is { IsDead: false } command
        && command.Parent == record.SupervisorPid
        && ProcessTable.Read(record.SupervisorPid)?.StartTime == record.SupervisorStartTime
        && ProcessTable.Signal(command, record.StopSignal);

    /// <summary>Kills everything but the supervisor, until nothing is left.</summary>
    /// <param name="record">The task, or null when nothing readable is known of it.</param>
    /// <param name="supervisor">The supervisor's process id, if that is known to be the task's; else 0.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="TaskControllerException">Temporary: some do not die.</exception>
    public Task KillAsync(TaskRecord? record, int supervisor, CancellationToken cancellationToken) =>
        new ProcessTree(directory.Work, Cgroup(record), services.Scanner)
            .KillAsync(supervisor, services.Options.KillTimeout, services.Time, cancellationToken);

    /// <summary>As <see cref="KillAsync"/>, again and again until it has come about.</summary>
    public async Task KillForGoodAsync(TaskRecord record, int supervisor, TimeSpan pause, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await KillAsync(record, supervisor, cancellationToken);
                return;
            }
            catch (TaskControllerException e)
            {
                ProcessLog.NotEnded(services.Logger, taskId, e.Message);
            }

            await Task.Delay(pause, services.Time, cancellationToken);
        }
    }

    /// <summary>Gives the supervisor's number back to the system, if it is our child.</summary>
    public static void Reap(TaskRecord record) =>
        _ = record.BootId == ProcessTable.BootId ? LibC.waitpid(record.SupervisorPid, out _, LibC.WaitNoHang) : 0;

    /// <summary>Removes the task's cgroup.</summary>
    /// <returns>False while it still holds something.</returns>
    public static bool TryRemoveCgroup(TaskRecord? record) => Cgroup(record)?.TryRemove() ?? true;

    private static TaskCgroup? Cgroup(TaskRecord? record) => record?.Cgroup is { } path ? new TaskCgroup(path) : null;
}
