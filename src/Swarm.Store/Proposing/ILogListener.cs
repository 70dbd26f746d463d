// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Store;

/// <summary>
/// Hears what the log does. May be called from any thread and from inside <see cref="IProposer.Propose"/>, never by two
/// threads at once; returns at once and never calls back.
/// </summary>
public interface ILogListener
{
    /// <summary>This manager leads.</summary>
    /// <param name="reign">Its number (the Raft term): larger than any before.</param>
    /// <param name="lastIndex">Index of the last entry in the log. What is not yet reported of it follows; the writer waits for it.</param>
    void ReignBegan(ulong reign, ulong lastIndex);

    /// <summary>A reign ended. Entries proposed in it may still commit and are then reported.</summary>
    /// <param name="reign">Its number.</param>
    void ReignEnded(ulong reign);

    /// <summary>The next entry of the log is committed. Every index is reported once, in order.</summary>
    /// <param name="index">Its index: one more than the last.</param>
    /// <param name="reign">The reign it was proposed in.</param>
    /// <param name="request">Its actions; null for an entry that is not the store's (an empty one, a change of membership).</param>
    void EntryCommitted(ulong index, ulong reign, InternalRaftRequest? request);

    /// <summary>The log was replaced by a snapshot. Never during a reign.</summary>
    /// <param name="index">Index of the last entry in it.</param>
    /// <param name="snapshot">The state after that entry.</param>
    void SnapshotInstalled(ulong index, StoreSnapshot snapshot);
}
