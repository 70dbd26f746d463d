// SPDX-License-Identifier: Apache-2.0
using CsCheck;
using Swarm.Store.Trees;

namespace Swarm.Store.Tests.Trees;

public sealed class TreeTests
{
    // Few keys make many replacements and removals, many keys make deep trees.
    private static readonly Gen<(int Keys, (int Kind, int Key)[] Operations)> Histories =
        Gen.Int[1, 3000].SelectMany(keys => Gen.Select(Gen.Int[0, 9], Gen.Int[0, keys]).Array[0, 4000].Select(ops => (keys, ops)));

    [Fact]
    public void Tree_AnyHistory_EqualsASortedDictionaryAndKeepsOldSnapshots() => Histories.Sample(
        history =>
        {
            var model = new SortedDictionary<string, int>(StringComparer.Ordinal);
            var tree = default(Tree<IdKey, int>);
            object owner = new();
            var snapshots = new List<(Tree<IdKey, int> Tree, KeyValuePair<string, int>[] Model)>();
            int step = 0;
            foreach ((int kind, int number) in history.Operations)
            {
                string key = Key(number);
                step++;
                if (kind == 0)
                {
                    // Freeze: from here on the nodes made so far must not be edited.
                    owner = new();
                    if (snapshots.Count < 20)
                    {
                        snapshots.Add((tree, [.. model]));
                    }
                }
                else if (kind <= 5)
                {
                    tree = tree.Set(new(key), step, owner);
                    model[key] = step;
                }
                else
                {
                    tree = tree.Remove(new(key), owner);
                    model.Remove(key);
                }
            }

            AssertEqual(model, tree);
            foreach ((Tree<IdKey, int> old, KeyValuePair<string, int>[] expected) in snapshots)
            {
                AssertEqual(expected, old);
            }
        },
        iter: 150);

    [Fact]
    public void From_AnyKey_StartsAtTheFirstKeyNotBelow() => Gen.Select(Gen.Int[0, 500].Array[0, 600], Gen.Int[0, 500]).Sample(
        (numbers, start) =>
        {
            var tree = default(Tree<IdKey, int>);
            object owner = new();
            foreach (int number in numbers)
            {
                tree = tree.Set(new(Key(number)), number, owner);
            }

            var found = new List<int>();
            foreach ((IdKey _, int value) in tree.From(new(Key(start))))
            {
                found.Add(value);
            }

            Assert.Equal(numbers.Where(n => n >= start).Distinct().Order(), found);
        },
        iter: 300);

    [Fact]
    public void Remove_EverythingInAnyOrder_LeavesAnEmptyTree() => Gen.Shuffle(Enumerable.Range(0, 2000).ToArray()).Sample(
        order =>
        {
            var tree = default(Tree<IdKey, int>);
            object owner = new();
            for (int i = 0; i < order.Length; i++)
            {
                tree = tree.Set(new(Key(i)), i, owner);
            }

            foreach (int number in order)
            {
                Assert.True(tree.TryGet(new(Key(number)), out int value));
                Assert.Equal(number, value);
                tree = tree.Remove(new(Key(number)), owner);
                Assert.False(tree.TryGet(new(Key(number)), out _));
            }

            Assert.Equal(0, tree.Count);
            Assert.False(tree.GetEnumerator().MoveNext());
        },
        iter: 10);

    [Fact]
    public void IndexKey_Compares_PartByPartOrdinally()
    {
        IndexKey[] ordered =
        [
            new("", "", 0, "b"), new("", "", 9, "a"), new("", "A", 0, "a"),
            new("A", "", 0, "z"), new("Z", "", 0, "a"), new("a", "", 0, "a"),
        ];
        for (int i = 0; i < ordered.Length; i++)
        {
            for (int j = 0; j < ordered.Length; j++)
            {
                Assert.Equal(i.CompareTo(j), Math.Sign(IndexKey.Compare(ordered[i], ordered[j])));
            }
        }
    }

    private static string Key(int number) => number.ToString("x8", System.Globalization.CultureInfo.InvariantCulture);

    private static void AssertEqual(IReadOnlyCollection<KeyValuePair<string, int>> expected, Tree<IdKey, int> tree)
    {
        Assert.Equal(expected.Count, tree.Count);
        var all = new List<KeyValuePair<string, int>>();
        foreach ((IdKey key, int value) in tree)
        {
            all.Add(new(key.Id, value));
        }

        Assert.Equal(expected, all);
        foreach ((string key, int value) in expected)
        {
            Assert.True(tree.TryGet(new(key), out int found));
            Assert.Equal(value, found);
        }
    }
}
