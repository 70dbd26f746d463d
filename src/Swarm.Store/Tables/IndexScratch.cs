// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Store.Trees;

namespace Swarm.Store.Tables;

/// <summary>Two lists of keys that an editor reuses.</summary>
internal sealed class IndexScratch
{
    public List<IndexKey> Before { get; } = [];

    public List<IndexKey> After { get; } = [];

    /// <summary>Fills both lists.</summary>
    /// <returns>True if they are equal.</returns>
    public bool Fill(IndexDefinition definition, IStoreObject? old, IStoreObject? @new)
    {
        Before.Clear();
        After.Clear();
        if (old is not null)
        {
            definition.AddKeys(old, Before);
        }

        if (@new is not null)
        {
            definition.AddKeys(@new, After);
        }

        return Before.SequenceEqual(After);
    }
}
