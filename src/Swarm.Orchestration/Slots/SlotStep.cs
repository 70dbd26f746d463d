// SPDX-License-Identifier: Apache-2.0
using Swarm.Store;

namespace Swarm.Orchestration.Slots;

/// <summary>What is to be done in a slot now: a write, or nothing until something changes or a time comes.</summary>
/// <param name="Info">The slot as it stands.</param>
/// <param name="Main">The task that stands for the slot; null for an empty one.</param>
/// <param name="Write">The one decision to take; null if there is none.</param>
/// <param name="Due">When to look again though nothing has changed; null for never.</param>
internal sealed record SlotStep(SlotInfo Info, Api.Task? Main, Action<IStoreTransaction>? Write, DateTimeOffset? Due)
{
    /// <summary>An empty slot with nothing to do.</summary>
    public static SlotStep Nothing { get; } = new(default, null, null, null);
}
