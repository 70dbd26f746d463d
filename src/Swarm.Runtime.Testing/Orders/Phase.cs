// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing;

/// <summary>How far a task is, as the caller of its controller knows.</summary>
internal enum Phase
{
    New,
    Prepared,
    Running,

    /// <summary>It ran and was stopped.</summary>
    Stopped,

    /// <summary>It was stopped before it ran, and will never run.</summary>
    Idle,
    Removed,

    /// <summary>Removed, and driven by a controller made anew: an agent died before it could note the removal.</summary>
    Gone,
}
