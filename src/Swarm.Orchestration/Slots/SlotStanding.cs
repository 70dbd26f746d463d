// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Orchestration.Slots;

/// <summary>What a slot counts for.</summary>
internal enum SlotStanding
{
    /// <summary>It holds nothing that runs or may run: free.</summary>
    Empty,

    /// <summary>Its task ended and its restart policy wants no other: taken.</summary>
    Settled,

    /// <summary>It has a task that runs or is on its way to: taken.</summary>
    Live,
}
