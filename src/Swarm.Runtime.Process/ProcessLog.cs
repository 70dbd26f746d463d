// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;

namespace Swarm.Runtime.Process;

/// <summary>
/// All that the executor of processes logs.
/// The ids and names of the events are part of what the package promises: they may be added to, not changed.
/// </summary>
internal static partial class ProcessLog
{
    [LoggerMessage(EventId = 501, Level = LogLevel.Information, Message = "Task {TaskId}: adopted, process {Pid}")]
    public static partial void Adopted(ILogger logger, string taskId, int? pid);

    [LoggerMessage(EventId = 502, Level = LogLevel.Warning, Message = "Task {TaskId}: {Error}; it is prepared anew")]
    public static partial void PreparedAnew(ILogger logger, string taskId, string error);

    [LoggerMessage(EventId = 503, Level = LogLevel.Information, Message = "Task {TaskId}: this node no longer has it; ended and removed")]
    public static partial void UnknownRemoved(ILogger logger, string taskId);

    [LoggerMessage(
        EventId = 504, Level = LogLevel.Error,
        Message = "Task {TaskId}: this node no longer has it, but it cannot be ended: {Error}")]
    public static partial void UnknownNotEnded(ILogger logger, string taskId, string error);

    [LoggerMessage(EventId = 505, Level = LogLevel.Error, Message = "Task {TaskId}: {Error}")]
    public static partial void NotEnded(ILogger logger, string taskId, string error);

    [LoggerMessage(EventId = 506, Level = LogLevel.Warning, Message = "Task {TaskId}: cgroup {Cgroup} cannot be removed")]
    public static partial void CgroupNotRemoved(ILogger logger, string taskId, string? cgroup);

    [LoggerMessage(EventId = 507, Level = LogLevel.Warning, Message = "Task {TaskId}: its secrets cannot be removed yet: {Error}")]
    public static partial void SecretsNotRemoved(ILogger logger, string taskId, string error);

    [LoggerMessage(EventId = 508, Level = LogLevel.Warning, Message = "Task {TaskId}: its exit code cannot be read: {Error}")]
    public static partial void ExitCodeNotRead(ILogger logger, string taskId, string error);

    [LoggerMessage(EventId = 509, Level = LogLevel.Warning, Message = "Task {TaskId}: its output is lost: {Error}")]
    public static partial void OutputLost(ILogger logger, string taskId, string error);

    [LoggerMessage(
        EventId = 510, Level = LogLevel.Warning,
        Message = "Task {TaskId}: its output or its port file cannot be taken over{Now}: {Error}")]
    public static partial void OutputNotTaken(ILogger logger, string taskId, string now, string error);

    [LoggerMessage(EventId = 511, Level = LogLevel.Warning, Message = "Task {TaskId}: output cannot be taken over")]
    public static partial void OutputDefect(ILogger logger, string taskId, Exception error);
}
