// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Store;

/// <summary>An entry for the log. Immutable.</summary>
public sealed class StoreProposal
{
    internal StoreProposal(ulong reign, ulong index, InternalRaftRequest? request, object? payload)
    {
        Reign = reign;
        Index = index;
        Request = request;
        Payload = payload;
    }

    /// <summary>The reign it belongs to; it may only be appended in this one.</summary>
    public ulong Reign { get; }

    /// <summary>The index it must land at: the versions inside name it.</summary>
    public ulong Index { get; }

    /// <summary>The actions; null if the entry carries <see cref="Payload"/>.</summary>
    public InternalRaftRequest? Request { get; }

    /// <summary>What the writer was given (a change of membership, for example); null for the store's own entries.</summary>
    public object? Payload { get; }
}
