// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store;

/// <summary>
/// One reader of a <see cref="ChangeFeed"/>. Items come in order of index. One consumer at a time; a consumer in a mailbox
/// stays in it over <see cref="WaitAsync"/>.
/// </summary>
public sealed class FeedReader : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<FeedItem> _items = new();
    private readonly ChangeFeed _feed;
    private readonly int _capacity;
    private StoreView? _reset;
    private int _buffered;
    private bool _completed;
    private TaskCompletionSource<bool>? _waiter;

    internal FeedReader(ChangeFeed feed, int capacity)
    {
        _feed = feed;
        _capacity = capacity;
    }

    /// <summary>Takes the next item, if there is one.</summary>
    /// <param name="item">The item.</param>
    /// <returns>False if there is none now.</returns>
    public bool TryRead([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out FeedItem? item)
    {
        lock (_lock)
        {
            if (_reset is { } view)
            {
                _reset = null;
                item = new FeedItem(view, [], isReset: true);
                return true;
            }

            if (_items.TryDequeue(out item))
            {
                _buffered -= Weight(item);
                return true;
            }

            return false;
        }
    }

    /// <summary>Waits until there is something to read.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>True when there is an item; false when there will be none any more.</returns>
    /// <exception cref="InvalidOperationException">Somebody else waits already.</exception>
    /// <exception cref="OperationCanceledException">Gave up.</exception>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_reset is not null || _items.Count > 0)
            {
                return new(true);
            }

            if (_completed)
            {
                return new(false);
            }

            if (_waiter is { Task.IsCompleted: false })
            {
                throw new InvalidOperationException("A feed reader has one consumer; another one waits already.");
            }

            _waiter = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return cancellationToken.CanBeCanceled ? AwaitAsync(_waiter, cancellationToken) : new(_waiter.Task);
    }

    /// <summary>Stops reading. A wait under way ends with false.</summary>
    public void Dispose()
    {
        _feed.Remove(this);
        Complete();
    }

    internal void Reset(StoreView view)
    {
        lock (_lock)
        {
            _items.Clear();
            _buffered = 0;
            _reset = view;
            _waiter?.TrySetResult(true);
        }
    }

    internal void Add(FeedItem item)
    {
        lock (_lock)
        {
            if (_reset is not null)
            {
                _reset = item.View;
                return;
            }

            _buffered += Weight(item);
            if (_buffered > _capacity)
            {
                _items.Clear();
                _buffered = 0;
                _reset = item.View;
            }
            else
            {
                _items.Enqueue(item);
            }

            _waiter?.TrySetResult(true);
        }
    }

    internal void Complete()
    {
        lock (_lock)
        {
            _completed = true;
            _waiter?.TrySetResult(false);
        }
    }

    private static int Weight(FeedItem item) => Math.Max(1, item.Changes.Count);

    private static async ValueTask<bool> AwaitAsync(TaskCompletionSource<bool> waiter, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.Register(
            static (state, token) => ((TaskCompletionSource<bool>)state!).TrySetCanceled(token), waiter);
        return await waiter.Task;
    }
}
