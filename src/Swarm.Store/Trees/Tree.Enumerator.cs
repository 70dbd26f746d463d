// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store.Trees;

internal readonly partial struct Tree<TKey, TValue>
{
    /// <summary>The entries from a key on; enumerate with <c>foreach</c>.</summary>
    public readonly struct Range
    {
        private readonly TreeNode<TKey, TValue>? _root;
        private readonly TKey _start;

        internal Range(TreeNode<TKey, TValue>? root, in TKey start)
        {
            _root = root;
            _start = start;
        }

        public Enumerator GetEnumerator() => new(_root, _start, hasStart: true);
    }

    /// <summary>
    /// Walks the leaves. At the end of a leaf it goes down from the root again to the first key above the last one: a lookup
    /// per leaf, and no stack to carry.
    /// </summary>
    public struct Enumerator
    {
        private readonly TreeNode<TKey, TValue>? _root;
        private TreeNode<TKey, TValue>? _leaf;
        private int _at;

        internal Enumerator(TreeNode<TKey, TValue>? root, in TKey start, bool hasStart)
        {
            _root = root;
            if (hasStart)
            {
                Seek(start, after: false);
            }
            else
            {
                _leaf = root is null ? null : Leftmost(root);
            }

            _at--;
        }

        public readonly TKey Key => _leaf!.Keys[_at];

        public readonly TValue Value => _leaf!.Values![_at];

        public readonly KeyValuePair<TKey, TValue> Current => new(Key, Value);

        public bool MoveNext()
        {
            if (_leaf is null)
            {
                return false;
            }

            if (++_at < _leaf.Count)
            {
                return true;
            }

            if (_leaf.Count == 0)
            {
                return false;
            }

            Seek(_leaf.Keys[_leaf.Count - 1], after: true);
            return _leaf is not null;
        }

        private static TreeNode<TKey, TValue> Leftmost(TreeNode<TKey, TValue> node)
        {
            while (!node.IsLeaf)
            {
                node = node.Children![0];
            }

            return node;
        }

        // To the first key that is not below (or: is above) the one given.
        private void Seek(in TKey key, bool after)
        {
            TreeNode<TKey, TValue>? node = _root;
            TreeNode<TKey, TValue>? next = null;
            while (node is { IsLeaf: false })
            {
                int i = node.ChildOf(key);
                next = i + 1 < node.Count ? node.Children![i + 1] : next;
                node = node.Children![i];
            }

            _leaf = node;
            _at = 0;
            if (node is null)
            {
                return;
            }

            _at = node.Search(key, out bool found);
            if (found && after)
            {
                _at++;
            }

            if (_at == node.Count)
            {
                _leaf = next is null ? null : Leftmost(next);
                _at = 0;
            }
        }
    }
}
