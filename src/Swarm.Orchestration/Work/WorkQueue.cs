// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Swarm.Orchestration.Work;

/// <summary>
/// What is to be looked at, each thing once, first come first served. It holds at most as many items as there are
/// different ones, so it is bounded by the store. Not thread-safe.
/// </summary>
internal sealed class WorkQueue<T>
    where T : notnull
{
    private readonly Queue<T> _order = new();
    private readonly HashSet<T> _members = [];

    /// <summary>Items that wait.</summary>
    public int Count => _order.Count;

    /// <summary>Adds an item unless it waits already.</summary>
    public void Add(T item)
    {
        if (_members.Add(item))
        {
            _order.Enqueue(item);
        }
    }

    /// <summary>The first item, which stays.</summary>
    public bool TryPeek([MaybeNullWhen(false)] out T item) => _order.TryPeek(out item);

    /// <summary>Takes the first item away.</summary>
    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        if (!_order.TryDequeue(out item))
        {
            return false;
        }

        _members.Remove(item);
        return true;
    }

    /// <summary>Puts the first item behind the others, so that left-over work goes round.</summary>
    public void Rotate()
    {
        if (_order.Count > 1)
        {
            _order.Enqueue(_order.Dequeue());
        }
    }
}
