// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Swarm.Orchestration.Work;

/// <summary>
/// When things are to be looked at again, one time for each; earliest first, then in the order of the items. Not thread-safe.
/// </summary>
internal sealed class DueQueue<T>
    where T : notnull, IComparable<T>
{
    private readonly SortedSet<(DateTimeOffset Due, T Item)> _order = [];
    private readonly Dictionary<T, DateTimeOffset> _times = [];

    /// <summary>The earliest time; null if nothing waits.</summary>
    public DateTimeOffset? Next => _order.Count == 0 ? null : _order.Min.Due;

    /// <summary>Sets the time of an item, in place of an earlier setting; null forgets it.</summary>
    public void Set(T item, DateTimeOffset? due)
    {
        if (_times.TryGetValue(item, out DateTimeOffset old))
        {
            if (old == due)
            {
                return;
            }

            _order.Remove((old, item));
            _times.Remove(item);
        }

        if (due is { } time)
        {
            _times.Add(item, time);
            _order.Add((time, item));
        }
    }

    /// <summary>Takes one item whose time has come.</summary>
    public bool TryTake(DateTimeOffset now, [MaybeNullWhen(false)] out T item)
    {
        if (_order.Count == 0 || _order.Min.Due > now)
        {
            item = default;
            return false;
        }

        item = _order.Min.Item;
        _order.Remove(_order.Min);
        _times.Remove(item);
        return true;
    }
}
