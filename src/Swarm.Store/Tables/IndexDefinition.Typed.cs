// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Store.Trees;

namespace Swarm.Store.Tables;

/// <summary>An index over one type of objects.</summary>
/// <param name="addKeys">Adds the keys of an object.</param>
/// <param name="sameKeys">Whether two versions have the same keys; may say false when in doubt.</param>
internal sealed class IndexDefinition<T>(Action<T, List<IndexKey>> addKeys, Func<T, T, bool> sameKeys) : IndexDefinition
    where T : class, IStoreObject
{
    public override void AddKeys(IStoreObject o, List<IndexKey> keys) => addKeys((T)o, keys);

    public override bool SameKeys(IStoreObject a, IStoreObject b) => sameKeys((T)a, (T)b);
}
