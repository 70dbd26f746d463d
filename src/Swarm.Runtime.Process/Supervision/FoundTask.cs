// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Swarm.Runtime.Process;

/// <summary>What there is of a task when an executor first looks: from disk and from the kernel.</summary>
/// <param name="State">New, Prepared or Running.</param>
/// <param name="Record">What is known of it; null when it is new.</param>
/// <param name="Supervisor">Its living supervisor, when it runs; null when that has ended unwatched.</param>
internal readonly record struct FoundTask(RunState State, TaskRecord? Record, SafeFileHandle? Supervisor)
{
    public static FoundTask Find(string taskId, TaskDirectory directory, ILogger logger)
    {
        TaskRecord? record = null;
        try
        {
            record = TaskRecord.Load(directory.Record);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ProcessLog.PreparedAnew(logger, taskId, e.Message);
        }

        if (record is null)
        {
            return new FoundTask(RunState.New, null, null);
        }

        SafeFileHandle? supervisor = TaskProcesses.OpenSupervisor(record);
        int? command = SupervisorReport.Read(directory.Report).CommandPid;
        if (supervisor is null && command is null)
        {
            // Never started, or the agent died before it said "go": nothing has run.
            return new FoundTask(RunState.Prepared, record, null);
        }

        if (supervisor is not null)
        {
            ProcessLog.Adopted(logger, taskId, command);
        }

        return new FoundTask(RunState.Running, record, supervisor);
    }
}
