// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store.Trees;

/// <summary>A key of a <see cref="Tree{TKey, TValue}"/>: a struct, so that the comparison is compiled into the tree.</summary>
internal interface ITreeKey<TSelf>
    where TSelf : struct, ITreeKey<TSelf>
{
    static abstract int Compare(in TSelf a, in TSelf b);
}
