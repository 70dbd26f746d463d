// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Hosting;

/// <summary>The part of its life in which a <see cref="SwarmNode"/> is.</summary>
public enum SwarmNodePhase
{
    /// <summary>It has not been started.</summary>
    New,

    /// <summary>It starts: reads who it is, waits for its cluster, joins.</summary>
    Starting,

    /// <summary>Its agent runs, and its manager side if it has one.</summary>
    Running,

    /// <summary>It stops: ends its tasks, says good-bye.</summary>
    Stopping,

    /// <summary>Nothing of it runs any more.</summary>
    Stopped,
}
