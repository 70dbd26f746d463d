// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>What became of a decision that was handed out.</summary>
public enum PlacementVerdict
{
    /// <summary>It was written; the task holds its claims from now on.</summary>
    Taken,

    /// <summary>It cannot be written, for the task is gone or not wanted any more. The node stays as free as it was.</summary>
    Dropped,

    /// <summary>It was not written, and no more decisions are wanted now. The task goes on waiting.</summary>
    Stop,
}
