// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Swarm.Api;
using Swarm.Store.Tables;
using Swarm.Store.Trees;

namespace Swarm.Store.Writer;

/// <summary>Keeps a hash of every stored object and finds out when one was changed in place.</summary>
internal sealed class MutationGuard
{
    private readonly ConditionalWeakTable<IStoreObject, StrongBox<ulong>> _hashes = [];

    /// <summary>Checks what a change replaces and remembers what it brings.</summary>
    public void Observe(in StoreChange change)
    {
        if (change.Old is { } old)
        {
            Check(old);
        }

        if (change.New is { } added)
        {
            Check(added);
        }
    }

    /// <summary>Checks every object of a state.</summary>
    public void CheckAll(StoreRoot root)
    {
        foreach (TableSchema schema in TableSchema.All)
        {
            foreach ((IdKey _, IStoreObject o) in root.Table(schema.Kind).Objects)
            {
                Check(o);
            }
        }
    }

    /// <summary>Compares with what is remembered; remembers what is new.</summary>
    public void Check(IStoreObject o)
    {
        ulong now = StableHash.Of(o.ToByteArray());
        if (_hashes.TryGetValue(o, out StrongBox<ulong>? before))
        {
            if (before.Value != now)
            {
                throw new StoreInvariantException(
                    $"The stored {ObjectKinds.Noun(o.Kind)} {o.Id} was changed in place; stored objects are frozen, use With… copies.");
            }
        }
        else
        {
            _hashes.Add(o, new(now));
        }
    }
}
