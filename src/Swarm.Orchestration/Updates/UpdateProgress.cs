// SPDX-License-Identifier: Apache-2.0
using Swarm.Orchestration.Slots;

namespace Swarm.Orchestration.Updates;

/// <summary>
/// What is known of the update of a service: which slots wait, which are at it, which failed. Bounded by the slots of the service.
/// </summary>
internal sealed class UpdateProgress
{
    /// <summary>Slots whose task does not follow the spec.</summary>
    public SortedSet<SlotKey> Dirty { get; } = [];

    /// <summary>Slots that have had their turn.</summary>
    public HashSet<SlotKey> Updated { get; } = [];

    /// <summary>Slots that take up a place of the parallelism.</summary>
    public HashSet<SlotKey> InFlight { get; } = [];

    /// <summary>Slots whose new task failed, with the reason.</summary>
    public SortedDictionary<SlotKey, string> Failed { get; } = [];

    /// <summary>Tasks of this update that were seen: null before they ran, then since when they run.</summary>
    public Dictionary<string, DateTimeOffset?> Seen { get; } = new(StringComparer.Ordinal);

    /// <summary>When the last slot came to run.</summary>
    public DateTimeOffset? LastStart { get; set; }
}
