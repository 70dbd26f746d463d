// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;

namespace Swarm.Store;

/// <summary>All that the store logs. The ids and names of the events are part of what the package promises: they may be added to, not changed.</summary>
internal static partial class StoreLog
{
    [LoggerMessage(EventId = 301, Level = LogLevel.Information, Message = "Reign {Reign} of this manager {Event}")]
    public static partial void ReignChanged(ILogger logger, ulong reign, string @event);

    [LoggerMessage(EventId = 302, Level = LogLevel.Error, Message = "Store: {Alarm}")]
    public static partial void Alarm(ILogger logger, string alarm, Exception? error);
}
