// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;

namespace Swarm.Manager;

/// <summary>All that a manager logs. The ids and names of the events are part of what the package promises: they may be added to, not changed.</summary>
internal static partial class ManagerLog
{
    [LoggerMessage(EventId = 201, Level = LogLevel.Warning, Message = "The write {Name} was refused")]
    public static partial void WriteFailed(ILogger logger, string name, Exception error);

    [LoggerMessage(EventId = 202, Level = LogLevel.Error, Message = "The cluster could not be written to the store")]
    public static partial void BootstrapFailed(ILogger logger, Exception error);
}
