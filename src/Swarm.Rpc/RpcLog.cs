// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;

namespace Swarm.Rpc;

/// <summary>
/// All that calls between nodes log.
/// The ids and names of the events are part of what the package promises: they may be added to, not changed.
/// </summary>
internal static partial class RpcLog
{
    [LoggerMessage(EventId = 401, Level = LogLevel.Information, Message = "remote API listens on {Address}")]
    public static partial void RemoteListens(ILogger logger, System.Net.IPEndPoint? address);

    [LoggerMessage(EventId = 402, Level = LogLevel.Information, Message = "control socket is {Path}")]
    public static partial void ControlListens(ILogger logger, string path);

    [LoggerMessage(EventId = 403, Level = LogLevel.Warning, Message = "refused a client certificate ({Subject}): {Problem}")]
    public static partial void CertificateRefused(ILogger logger, string subject, string problem);

    [LoggerMessage(EventId = 404, Level = LogLevel.Error, Message = "{Method} failed")]
    public static partial void CallFailed(ILogger logger, string method, Exception error);

    [LoggerMessage(EventId = 405, Level = LogLevel.Debug, Message = "control socket: ended a connection: {Problem}")]
    public static partial void ConnectionEnded(ILogger logger, string problem);

    [LoggerMessage(EventId = 406, Level = LogLevel.Information, Message = "{Step} at {Address} failed: {Problem}")]
    public static partial void EnrolStepFailed(ILogger logger, string step, string address, string problem);
}
