// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store;

/// <summary>What a writer has done since it was made. Immutable.</summary>
public sealed record WriterCounters
{
    /// <summary>Turns in which commands or controllers ran.</summary>
    public long Turns { get; init; }

    /// <summary>Commands that succeeded on Head (not yet a promise that they committed).</summary>
    public long CommandsAccepted { get; init; }

    /// <summary>Commands that were refused on Head.</summary>
    public long CommandsRefused { get; init; }

    /// <summary>Entries proposed.</summary>
    public long EntriesProposed { get; init; }

    /// <summary>Entries that became Committed, own and others'.</summary>
    public long EntriesCommitted { get; init; }

    /// <summary>Entries that were applied without effect because they broke a rule of the store. Should be 0.</summary>
    public long EntriesWithoutEffect { get; init; }

    /// <summary>
    /// Alarms: entries without effect, atoms larger than an entry, failed controllers, entries that landed elsewhere. Should be 0.
    /// </summary>
    public long Alarms { get; init; }

    /// <summary>Changes made by commands.</summary>
    public long CommandWrites { get; init; }

    /// <summary>Changes made by each controller, by name.</summary>
    public IReadOnlyDictionary<string, long> ControllerWrites { get; init; } = new SortedDictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Whether nothing is queued, in flight or left over: only a new command or a timer can lead to writes.</summary>
    public bool IsAtRest { get; init; }
}
