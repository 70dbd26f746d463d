// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Orchestration.Slots;

/// <summary>A place of a service that holds one running task: a numbered slot, or a node for a global service.</summary>
internal readonly record struct SlotKey(ulong Slot, string NodeId) : IComparable<SlotKey>
{
    /// <summary>The place of a task.</summary>
    public static SlotKey Of(Api.Task task) => task.Slot != 0 ? Numbered(task.Slot) : new(0, task.NodeId);

    /// <summary>A numbered slot.</summary>
    public static SlotKey Numbered(ulong slot) => new(slot, "");

    /// <inheritdoc/>
    public int CompareTo(SlotKey other) =>
        Slot != other.Slot ? Slot.CompareTo(other.Slot) : string.CompareOrdinal(NodeId ?? "", other.NodeId ?? "");
}
