// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Store.Tables;
using Swarm.Store.Trees;

namespace Swarm.Store.Writer;

/// <summary>For tests: holds the leader's state against what a follower makes of the same entry.</summary>
internal static class EntryVerifier
{
    /// <summary>Throws if a follower that reads the entry back from its bytes comes to another state.</summary>
    public static void Verify(StoreRoot before, InternalRaftRequest request, StoreRoot after, int maxBytes)
    {
        byte[] bytes = request.ToByteArray();
        if (bytes.Length > maxBytes)
        {
            throw new StoreInvariantException($"The entry takes {bytes.Length} bytes, over the limit of {maxBytes}.");
        }

        StoreRoot follower = EntryApplier.Apply(before, InternalRaftRequest.Parser.ParseFrom(bytes), out _, out string? error);
        if (error is not null)
        {
            throw new StoreInvariantException($"The entry would have no effect on a follower: {error}");
        }

        if (Difference(follower, after) is { } difference)
        {
            throw new StoreInvariantException($"A follower would come to another state: {difference}");
        }
    }

    /// <summary>The first difference of two states, indexes included; null if they are equal.</summary>
    public static string? Difference(StoreRoot a, StoreRoot b)
    {
        foreach (TableSchema schema in TableSchema.All)
        {
            TableState x = a.Table(schema.Kind);
            TableState y = b.Table(schema.Kind);
            if (ReferenceEquals(x, y))
            {
                continue;
            }

            if (x.Objects.Count != y.Objects.Count)
            {
                return $"{x.Objects.Count} against {y.Objects.Count} of kind {ObjectKinds.Noun(schema.Kind)}";
            }

            Tree<IdKey, IStoreObject>.Enumerator other = y.Objects.GetEnumerator();
            foreach ((IdKey key, IStoreObject o) in x.Objects)
            {
                other.MoveNext();
                if (!ReferenceEquals(o, other.Value) && !o.Equals(other.Value))
                {
                    return $"{ObjectKinds.Noun(schema.Kind)} {key.Id}";
                }
            }

            for (int i = 0; i < schema.Indexes.Count; i++)
            {
                if (!SameKeys(x.Index(i), y.Index(i)))
                {
                    return $"index {i} of kind {ObjectKinds.Noun(schema.Kind)}";
                }
            }
        }

        return null;
    }

    private static bool SameKeys(Tree<IndexKey, NoValue> a, Tree<IndexKey, NoValue> b)
    {
        Tree<IndexKey, NoValue>.Enumerator other = b.GetEnumerator();
        foreach ((IndexKey key, _) in a)
        {
            if (!other.MoveNext() || other.Key != key)
            {
                return false;
            }
        }

        return a.Count == b.Count;
    }
}
