// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>Gives the best node for the next task of one group, again and again, while the group is being placed.</summary>
internal interface ICandidates
{
    /// <summary>The best node that no filter refuses; null if there is none. The counts of refusals are then complete.</summary>
    NodeInfo? Next();

    /// <summary>Tells that the node given last took the task.</summary>
    void Placed();

    /// <summary>Tells that the node given last did not take a task and is as free as before.</summary>
    void NotPlaced();
}
