// SPDX-License-Identifier: Apache-2.0
using Swarm.Orchestration.Slots;

namespace Swarm.Orchestration.Replicated;

/// <summary>Which slots go when there are too many.</summary>
internal static class ScaleDownOrder
{
    /// <summary>
    /// Chooses slots to remove: from the nodes with most copies first, so that what stays is spread; of equal ones those that
    /// do not run before those that do, then higher slots before lower ones. Slots without a node go before all others.
    /// </summary>
    /// <param name="slots">The taken slots, in their order.</param>
    /// <param name="excess">How many are to go; at most as many as there are.</param>
    /// <returns>The slots to remove, first to go first.</returns>
    public static List<SlotKey> Choose(IEnumerable<KeyValuePair<SlotKey, SlotInfo>> slots, int excess)
    {
        // Copies on one node are numbered in the order in which they would be kept: running ones first, low slots first.
        // What has the highest numbers goes.
        var copies = new Dictionary<string, int>(StringComparer.Ordinal);
        var ranked = new List<(int Copy, bool Idle, SlotKey Key)>();
        foreach ((SlotKey key, SlotInfo info) in slots.OrderByDescending(static s => s.Value.IsRunning).ThenBy(static s => s.Key))
        {
            int copy = int.MaxValue;
            if (info.NodeId.Length > 0)
            {
                copy = copies[info.NodeId] = copies.GetValueOrDefault(info.NodeId) + 1;
            }

            ranked.Add((copy, !info.IsRunning, key));
        }

        ranked.Sort();
        ranked.Reverse();
        return [.. ranked.Take(excess).Select(static r => r.Key)];
    }
}
