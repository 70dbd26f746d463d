// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store.Trees;

/// <summary>
/// A persistent B+-tree (Bayer and McCreight 1972; Comer, "The Ubiquitous B-Tree", 1979, with path copying as in Driscoll et
/// al., "Making Data Structures Persistent", 1989): a value that writes never change; they give a new tree that shares
/// all nodes off the path. Nodes carry the token of the owner that made them and are edited in place by that owner, so a
/// run of writes copies each node once. A tree that is handed out stays as it is when the writes after it use a new token.
/// </summary>
/// <remarks>The default value is the empty tree. Readers on any thread, writers one at a time per token.</remarks>
internal readonly partial struct Tree<TKey, TValue>
    where TKey : struct, ITreeKey<TKey>
{
    private readonly TreeNode<TKey, TValue>? _root;

    private Tree(TreeNode<TKey, TValue>? root, int count)
    {
        _root = root;
        Count = count;
    }

    public int Count { get; }

    public bool TryGet(in TKey key, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TValue value)
    {
        if (_root is { } node)
        {
            while (!node.IsLeaf)
            {
                node = node.Children![node.ChildOf(key)];
            }

            int at = node.Search(key, out bool found);
            if (found)
            {
                value = node.Values![at];
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Adds or replaces.</summary>
    public Tree<TKey, TValue> Set(in TKey key, TValue value, object owner)
    {
        TreeNode<TKey, TValue> root = _root?.Editable(owner) ?? new TreeNode<TKey, TValue>(owner, isLeaf: true);
        bool added = false;
        if (Insert(root, key, value, owner, ref added) is { } right)
        {
            var top = new TreeNode<TKey, TValue>(owner, isLeaf: false);
            top.InsertAt(0, root.Keys[0], default!, root);
            top.InsertAt(1, right.Keys[0], default!, right);
            root = top;
        }

        return new(root, added ? Count + 1 : Count);
    }

    /// <summary>Takes a key away; the same tree if it is not there.</summary>
    public Tree<TKey, TValue> Remove(in TKey key, object owner)
    {
        if (_root is null || !TryGet(key, out _))
        {
            return this;
        }

        TreeNode<TKey, TValue>? root = _root.Editable(owner);
        Delete(root, key, owner);
        if (!root.IsLeaf && root.Count == 1)
        {
            root = root.Children![0];
        }
        else if (root.Count == 0)
        {
            root = null;
        }

        return new(root, Count - 1);
    }

    /// <summary>All entries in order.</summary>
    public Enumerator GetEnumerator() => new(_root, default, hasStart: false);

    /// <summary>The entries from a key on (included), in order.</summary>
    public Range From(in TKey key) => new(_root, key);

    // The node is editable and not full on return; a node that became too full gives its upper half.
    private static TreeNode<TKey, TValue>? Insert(TreeNode<TKey, TValue> node, in TKey key, TValue value, object owner, ref bool added)
    {
        if (node.IsLeaf)
        {
            int at = node.Search(key, out bool found);
            if (found)
            {
                node.Values![at] = value;
                return null;
            }

            added = true;
            node.InsertAt(at, key, value, null);
        }
        else
        {
            int at = node.ChildOf(key);
            TreeNode<TKey, TValue> child = node.Children![at].Editable(owner);
            node.Children[at] = child;
            if (Insert(child, key, value, owner, ref added) is not { } right)
            {
                return null;
            }

            // The key of a split branch that moves up is its first key, which bounds it from below.
            node.InsertAt(at + 1, right.Keys[0], default!, right);
        }

        return node.Count == TreeNode<TKey, TValue>.Capacity ? node.Split(owner) : null;
    }

    // The node is editable and holds the key below it.
    private static void Delete(TreeNode<TKey, TValue> node, in TKey key, object owner)
    {
        if (node.IsLeaf)
        {
            node.RemoveRange(node.Search(key, out _), 1);
            return;
        }

        int at = node.ChildOf(key);
        TreeNode<TKey, TValue> child = node.Children![at].Editable(owner);
        node.Children[at] = child;
        Delete(child, key, owner);
        if (child.Count < TreeNode<TKey, TValue>.Least)
        {
            Level(node, Math.Max(0, at - 1), owner);
        }
    }

    // Joins child i with its right neighbour, or shares their entries evenly.
    private static void Level(TreeNode<TKey, TValue> node, int i, object owner)
    {
        TreeNode<TKey, TValue> left = node.Children![i].Editable(owner);
        TreeNode<TKey, TValue> right = node.Children[i + 1];
        int total = left.Count + right.Count;
        if (total < TreeNode<TKey, TValue>.Capacity)
        {
            left.Append(right, 0, right.Count);
            node.Children[i] = left;
            node.RemoveRange(i + 1, 1);
            return;
        }

        int half = total / 2;
        if (left.Count < half)
        {
            int move = half - left.Count;
            right = right.Editable(owner);
            left.Append(right, 0, move);
            right.RemoveRange(0, move);
        }
        else
        {
            int move = left.Count - half;
            var all = new TreeNode<TKey, TValue>(owner, left.IsLeaf);
            all.Append(left, half, move);
            all.Append(right, 0, right.Count);
            left.RemoveRange(half, move);
            right = all;
        }

        node.Children[i] = left;
        node.Children[i + 1] = right;
        node.Keys[i + 1] = right.Keys[0];
    }
}
