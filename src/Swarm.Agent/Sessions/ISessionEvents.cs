// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;

namespace Swarm.Agent.Sessions;

/// <summary>What a <see cref="SessionRunner"/> asks of the agent and tells it.</summary>
internal interface ISessionEvents
{
    /// <summary>Reads the description of the node. Does not throw.</summary>
    Task<NodeDescription> DescribeAsync();

    /// <summary>A session is open.</summary>
    void OnOpened(SessionConnection connection, string manager);

    /// <summary>The connection is being closed, because of a failure or to open it anew.</summary>
    void OnClosed();

    /// <summary>The session or an attempt failed.</summary>
    void OnLost(StatusCode status, string reason);

    /// <summary>Node, managers, root certificates or keys have changed.</summary>
    void OnChanged(SessionOutput output);

    /// <summary>Reads the stream of assignments to its end.</summary>
    /// <returns>False: the end of the stream is the end of the session.</returns>
    Task<bool> FollowAssignmentsAsync(SessionConnection connection);

    /// <summary>Reads the stream of log subscriptions to its end.</summary>
    /// <returns>False: the end of the stream is the end of the session.</returns>
    Task<bool> FollowSubscriptionsAsync(SessionConnection connection);
}
