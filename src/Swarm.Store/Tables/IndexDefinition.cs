// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Store.Trees;

namespace Swarm.Store.Tables;

/// <summary>How one secondary index gets its keys.</summary>
internal abstract class IndexDefinition
{
    /// <summary>Adds the keys of an object; an index may have none, one or several for it.</summary>
    public abstract void AddKeys(IStoreObject o, List<IndexKey> keys);

    /// <summary>Whether the keys of two versions are the same for certain, told without making them.</summary>
    public abstract bool SameKeys(IStoreObject a, IStoreObject b);
}
