// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store;

/// <summary>
/// Gives every committed step to any number of readers, each with a bounded buffer of its own: a reader that falls behind
/// loses the buffer and is told to start over; it never holds up the writer or the others. Thread-safe.
/// </summary>
public sealed class ChangeFeed
{
    private readonly Lock _lock = new();
    private readonly List<FeedReader> _readers = [];
    private StoreView _last;
    private bool _completed;

    internal ChangeFeed(StoreView start) => _last = start;

    /// <summary>Number of readers.</summary>
    public int ReaderCount
    {
        get
        {
            lock (_lock)
            {
                return _readers.Count;
            }
        }
    }

    /// <summary>Starts to read. The first item is a reset with the state of now.</summary>
    /// <param name="capacity">Most changes buffered (an item without changes counts as one); at least 1, default 10,000.</param>
    /// <returns>The reader; dispose of it when done.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1.</exception>
    public FeedReader Subscribe(int capacity = 10_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        var reader = new FeedReader(this, capacity);
        lock (_lock)
        {
            reader.Reset(_last);
            if (_completed)
            {
                reader.Complete();
            }
            else
            {
                _readers.Add(reader);
            }
        }

        return reader;
    }

    internal void Publish(FeedItem item)
    {
        lock (_lock)
        {
            _last = item.View;
            foreach (FeedReader reader in _readers)
            {
                if (item.IsReset)
                {
                    reader.Reset(item.View);
                }
                else
                {
                    reader.Add(item);
                }
            }
        }
    }

    internal void Complete()
    {
        lock (_lock)
        {
            _completed = true;
            foreach (FeedReader reader in _readers)
            {
                reader.Complete();
            }

            _readers.Clear();
        }
    }

    internal void Remove(FeedReader reader)
    {
        lock (_lock)
        {
            _readers.Remove(reader);
        }
    }
}
