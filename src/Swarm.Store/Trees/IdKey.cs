// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store.Trees;

/// <summary>The key of a table: an id, ordinal.</summary>
internal readonly record struct IdKey(string Id) : ITreeKey<IdKey>
{
    public static int Compare(in IdKey a, in IdKey b) => string.CompareOrdinal(a.Id, b.Id);
}
