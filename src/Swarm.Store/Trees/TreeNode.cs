// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store.Trees;

/// <summary>
/// A node of a <see cref="Tree{TKey, TValue}"/>. A leaf has values beside its keys; a branch has children, and key i is not
/// above any key under child i and above every key under child i-1. Key 0 is not looked at; in a branch that is not the
/// first of its parent it equals the key that the parent has for it, so branches can be joined as they are.
/// </summary>
internal sealed class TreeNode<TKey, TValue>
    where TKey : struct, ITreeKey<TKey>
{
    public const int Capacity = 32;
    public const int Least = Capacity / 4;

    // A token of the transaction that made this node: only that one may edit it.
    private readonly object _owner;

    public TreeNode(object owner, bool isLeaf)
    {
        _owner = owner;
        Keys = new TKey[Capacity];
        if (isLeaf)
        {
            Values = new TValue[Capacity];
        }
        else
        {
            Children = new TreeNode<TKey, TValue>[Capacity];
        }
    }

    public int Count { get; set; }

    public TKey[] Keys { get; }

    public TValue[]? Values { get; }

    public TreeNode<TKey, TValue>[]? Children { get; }

    public bool IsLeaf => Values is not null;

    /// <summary>This node if the owner made it, else a copy that the owner may edit.</summary>
    public TreeNode<TKey, TValue> Editable(object owner)
    {
        if (ReferenceEquals(_owner, owner))
        {
            return this;
        }

        var copy = new TreeNode<TKey, TValue>(owner, IsLeaf);
        copy.Append(this, 0, Count);
        return copy;
    }

    /// <summary>In a leaf: the place of the first key not below the one given, and whether it is that one.</summary>
    public int Search(in TKey key, out bool found)
    {
        int low = 0;
        int high = Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = TKey.Compare(Keys[middle], key);
            if (order == 0)
            {
                found = true;
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        found = false;
        return low;
    }

    /// <summary>In a branch: the child under which a key is or would be.</summary>
    public int ChildOf(in TKey key)
    {
        int low = 1;
        int high = Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (TKey.Compare(Keys[middle], key) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high;
    }

    public void InsertAt(int at, in TKey key, TValue value, TreeNode<TKey, TValue>? child)
    {
        Array.Copy(Keys, at, Keys, at + 1, Count - at);
        Keys[at] = key;
        if (Values is { } values)
        {
            Array.Copy(values, at, values, at + 1, Count - at);
            values[at] = value;
        }
        else
        {
            Array.Copy(Children!, at, Children!, at + 1, Count - at);
            Children![at] = child!;
        }

        Count++;
    }

    public void RemoveRange(int at, int length)
    {
        int tail = Count - at - length;
        Array.Copy(Keys, at + length, Keys, at, tail);
        Array.Clear(Keys, at + tail, length);
        if (Values is { } values)
        {
            Array.Copy(values, at + length, values, at, tail);
            Array.Clear(values, at + tail, length);
        }
        else
        {
            Array.Copy(Children!, at + length, Children!, at, tail);
            Array.Clear(Children!, at + tail, length);
        }

        Count -= length;
    }

    public void Append(TreeNode<TKey, TValue> from, int at, int length)
    {
        Array.Copy(from.Keys, at, Keys, Count, length);
        if (Values is { } values)
        {
            Array.Copy(from.Values!, at, values, Count, length);
        }
        else
        {
            Array.Copy(from.Children!, at, Children!, Count, length);
        }

        Count += length;
    }

    /// <summary>Moves the upper half into a new node to the right.</summary>
    public TreeNode<TKey, TValue> Split(object owner)
    {
        int keep = Count / 2;
        var right = new TreeNode<TKey, TValue>(owner, IsLeaf);
        right.Append(this, keep, Count - keep);
        RemoveRange(keep, Count - keep);
        return right;
    }
}
