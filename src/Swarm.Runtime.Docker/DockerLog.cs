// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;

namespace Swarm.Runtime.Docker;

/// <summary>
/// All that the executor of containers logs.
/// The ids and names of the events are part of what the package promises: they may be added to, not changed.
/// </summary>
internal static partial class DockerLog
{
    [LoggerMessage(EventId = 601, Level = LogLevel.Warning, Message = "{Error}; what is left of old tasks is removed when it is back")]
    public static partial void EngineAwaited(ILogger logger, string error);

    [LoggerMessage(
        EventId = 602, Level = LogLevel.Information,
        Message = "Task {TaskId}: this node no longer has it; its container was removed")]
    public static partial void UnknownRemoved(ILogger logger, string taskId);

    [LoggerMessage(
        EventId = 603, Level = LogLevel.Error,
        Message = "Task {TaskId}: this node no longer has it, but its container cannot be removed: {Error}")]
    public static partial void UnknownNotRemoved(ILogger logger, string taskId, string error);

    [LoggerMessage(EventId = 604, Level = LogLevel.Warning, Message = "The events of the Docker Engine at {Endpoint} stopped: {Error}")]
    public static partial void EventsStopped(ILogger logger, Uri endpoint, string error);

    [LoggerMessage(EventId = 605, Level = LogLevel.Information, Message = "The Docker Engine at {Endpoint} is back")]
    public static partial void EngineBack(ILogger logger, Uri endpoint);

    [LoggerMessage(EventId = 606, Level = LogLevel.Warning, Message = "Image {Image}: {Error}; the one on this node is used")]
    public static partial void LocalImageUsed(ILogger logger, string image, string error);

    [LoggerMessage(EventId = 607, Level = LogLevel.Warning, Message = "Files of old tasks stay: {Error}")]
    public static partial void OldFilesNotRemoved(ILogger logger, string error);
}
