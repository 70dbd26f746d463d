// SPDX-License-Identifier: Apache-2.0
using System.Collections;

namespace Swarm.Manager;

/// <summary>A set that is walked in the order in which things were added. Not thread-safe.</summary>
internal sealed class MarkedSet<T> : IEnumerable<T>
    where T : notnull
{
    private readonly HashSet<T> _set = [];
    private readonly List<T> _order = [];

    /// <summary>How many things are in it.</summary>
    public int Count => _order.Count;

    /// <summary>Adds a thing at the end unless it is there.</summary>
    public void Add(T item)
    {
        if (_set.Add(item))
        {
            _order.Add(item);
        }
    }

    /// <summary>Visits all, in order, and removes those for which the visit says so. The visit must not change the set.</summary>
    public void RemoveWhere(Func<T, bool> visit)
    {
        int kept = 0;
        for (int i = 0; i < _order.Count; i++)
        {
            T item = _order[i];
            if (visit(item))
            {
                _set.Remove(item);
            }
            else
            {
                _order[kept++] = item;
            }
        }

        _order.RemoveRange(kept, _order.Count - kept);
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => _order.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
