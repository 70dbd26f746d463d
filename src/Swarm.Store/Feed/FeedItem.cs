// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store;

/// <summary>One step of the committed state, or a reset. Immutable.</summary>
public sealed class FeedItem
{
    internal FeedItem(StoreView view, IReadOnlyList<StoreChange> changes, bool isReset)
    {
        View = view;
        Changes = changes;
        IsReset = isReset;
    }

    /// <summary>Index of the log entry after which <see cref="View"/> is the state.</summary>
    public ulong Index => View.Index;

    /// <summary>
    /// True if steps before this one are missing for this reader: start over from <see cref="View"/>. The first item of each
    /// reader is a reset; later ones follow when it was too slow or a snapshot was installed.
    /// </summary>
    public bool IsReset { get; }

    /// <summary>The state after the entry.</summary>
    public StoreView View { get; }

    /// <summary>The changes of the entry, in order; empty for a reset and for an entry without effect.</summary>
    public IReadOnlyList<StoreChange> Changes { get; }
}
