// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Store.Tables;

namespace Swarm.Store.Writer;

/// <summary>One log entry of this leader: first being filled with atoms, then in flight with the state it leaves.</summary>
internal sealed class LogEntry(ulong index, StoreRoot before)
{
    private readonly InternalRaftRequest _request = new() { Id = index };

    public ulong Index { get; } = index;

    /// <summary>The state before it.</summary>
    public StoreRoot Before { get; } = before;

    /// <summary>The state after it, once it is complete.</summary>
    public StoreRoot After { get; private set; } = before;

    public List<StoreChange> Changes { get; } = [];

    public List<PendingReply> Replies { get; } = [];

    /// <summary>Bytes it takes serialised, at most.</summary>
    public int Bytes { get; private set; } = EntryActions.EntryOverhead;

    public bool HasAtoms => Changes.Count > 0;

    public void Add(IReadOnlyList<StoreChange> changes, IReadOnlyList<StoreAction> actions, int bytes)
    {
        Changes.AddRange(changes);
        _request.Action.AddRange(actions);
        Bytes += bytes;
    }

    public StoreProposal Complete(ulong reign, StoreRoot after, object? payload)
    {
        After = after;
        return new(reign, Index, payload is null ? _request : null, payload);
    }
}
