// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>Why a node cannot take a task, for programs.</summary>
public enum PlacementReason
{
    /// <summary>A filter of the host program's own.</summary>
    Other,

    /// <summary>The node is not ready, or takes no new tasks.</summary>
    NodeNotReady,

    /// <summary>Processors, memory or a generic resource are taken or do not exist there.</summary>
    InsufficientResources,

    /// <summary>The node lacks a driver or a runtime that the task uses.</summary>
    MissingPlugin,

    /// <summary>A placement constraint does not hold.</summary>
    ConstraintNotMet,

    /// <summary>The work does not run on the node's operating system or processor.</summary>
    UnsupportedPlatform,

    /// <summary>Another task of the node holds a port that the task publishes on its host.</summary>
    HostPortInUse,

    /// <summary>The node has as many tasks of the service as the service allows on one node.</summary>
    MaxReplicasReached,
}
