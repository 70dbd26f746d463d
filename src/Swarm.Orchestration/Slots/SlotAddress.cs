// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Orchestration.Slots;

/// <summary>A slot of a service; the default key stands for the service itself.</summary>
internal readonly record struct SlotAddress(string ServiceId, SlotKey Key) : IComparable<SlotAddress>
{
    /// <inheritdoc/>
    public int CompareTo(SlotAddress other)
    {
        int order = string.CompareOrdinal(ServiceId, other.ServiceId);
        return order != 0 ? order : Key.CompareTo(other.Key);
    }
}
