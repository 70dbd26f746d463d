// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Hosting;

/// <summary>All that a node logs. The ids and names of the events are part of what the package promises: they may be added to, not changed.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "starting cluster {Cluster} with manager {Node}")]
    public static partial void ClusterStarts(ILogger logger, string cluster, string node);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "joined cluster {Cluster} as {Role} {Node}")]
    public static partial void Joined(ILogger logger, string cluster, NodeRole role, string node);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "waiting for the cluster that {First} makes: {Reason}")]
    public static partial void Waits(ILogger logger, string first, string reason);

    [LoggerMessage(EventId = 4, Level = LogLevel.Information, Message = "node {Node} of cluster {Cluster} runs as {Role}")]
    public static partial void Runs(ILogger logger, string node, string cluster, NodeRole role);

    [LoggerMessage(EventId = 5, Level = LogLevel.Information, Message = "node {Node} stops; its tasks are {Tasks}")]
    public static partial void Stops(ILogger logger, string node, string tasks);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning, Message = "this manager keeps the cluster's state in memory: after its restart, services, tasks, "
        + "joined nodes and join tokens of cluster {Cluster} are forgotten; "
        + "workers go on with what they run, and have to join again from an empty state directory")]
    public static partial void MemoryIsLost(ILogger logger, string cluster);

    [LoggerMessage(EventId = 7, Level = LogLevel.Warning,
        Message = "no trace of the cluster can be kept beside the state directory, its loss may not be noticed: {Reason}")]
    public static partial void MarkNotKept(ILogger logger, string reason);

    [LoggerMessage(EventId = 10, Level = LogLevel.Information, Message = "session with the manager at {Manager}")]
    public static partial void SessionOpened(ILogger logger, string manager);

    [LoggerMessage(EventId = 11, Level = LogLevel.Warning, Message = "no session with a manager ({Code}): {Reason}{Hint}")]
    public static partial void SessionLost(ILogger logger, SwarmErrorCode code, string reason, string hint);

    [LoggerMessage(EventId = 12, Level = LogLevel.Error, Message = "the addresses of the managers could not be kept for the next start: {Reason}")]
    public static partial void ManagersNotKept(ILogger logger, string reason);

    [LoggerMessage(EventId = 13, Level = LogLevel.Warning, Message = "the managers could not be discovered, those known before are used: {Reason}")]
    public static partial void NotDiscovered(ILogger logger, string reason);

    [LoggerMessage(EventId = 14, Level = LogLevel.Information, Message = "the managers known are lost; others were discovered: {Managers}")]
    public static partial void Rediscovered(ILogger logger, string managers);

    [LoggerMessage(EventId = 20, Level = LogLevel.Information, Message = "renewed the node's certificate; it is valid until {NotAfter:u}")]
    public static partial void Renewed(ILogger logger, DateTimeOffset notAfter);

    [LoggerMessage(EventId = 21, Level = LogLevel.Warning,
        Message = "could not renew the node's certificate, valid until {NotAfter:u}; trying again in {Wait}: {Reason}")]
    public static partial void NotRenewed(ILogger logger, DateTimeOffset notAfter, TimeSpan wait, string reason);

    [LoggerMessage(EventId = 22, Level = LogLevel.Error,
        Message = "the root certificate that the manager sent is not taken, the present one stays: {Reason}")]
    public static partial void RootNotTaken(ILogger logger, string reason);

    [LoggerMessage(EventId = 30, Level = LogLevel.Error, Message = "the join token could not be published, others may not be able to join: {Reason}")]
    public static partial void TokenNotPublished(ILogger logger, string reason);

    [LoggerMessage(EventId = 31, Level = LogLevel.Information, Message = "created the declared service {Service}")]
    public static partial void ServiceDeclared(ILogger logger, string service);
}
