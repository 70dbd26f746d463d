// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Agent.Sessions;

/// <summary>The streams and calls that make up a session.</summary>
internal enum SessionPart
{
    /// <summary>The session's own stream.</summary>
    Session,

    /// <summary>A heartbeat.</summary>
    Heartbeat,

    /// <summary>The stream of log subscriptions.</summary>
    Subscriptions,

    /// <summary>The stream of assignments.</summary>
    Assignments,

    /// <summary>A report of task statuses.</summary>
    Report,
}
