// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store.Trees;

/// <summary>
/// The key of every secondary index: up to two texts and a number to look up by, then the id of the object, all ordinal.
/// An index that needs fewer parts leaves the others empty.
/// </summary>
internal readonly record struct IndexKey(string First, string Second, ulong Number, string Id) : ITreeKey<IndexKey>
{
    public IndexKey(string first, string id)
        : this(first, "", 0, id)
    {
    }

    public static int Compare(in IndexKey a, in IndexKey b)
    {
        int order = string.CompareOrdinal(a.First, b.First);
        if (order == 0)
        {
            order = string.CompareOrdinal(a.Second, b.Second);
        }

        if (order == 0)
        {
            order = a.Number.CompareTo(b.Number);
        }

        return order != 0 ? order : string.CompareOrdinal(a.Id, b.Id);
    }
}
