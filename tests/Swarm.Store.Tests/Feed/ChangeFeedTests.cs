// SPDX-License-Identifier: Apache-2.0
using Swarm.Store.Tests.Support;

namespace Swarm.Store.Tests.Feed;

public sealed class ChangeFeedTests
{
    private readonly ChangeFeed _feed = new(StoreView.Empty);
    private ulong _index;

    [Fact]
    public void Subscribe_FirstItem_IsAResetToTheStateOfNow()
    {
        Publish(2);
        using FeedReader reader = _feed.Subscribe();

        Assert.True(reader.TryRead(out FeedItem? first));
        Assert.True(first.IsReset);
        Assert.Equal(1ul, first.Index);
        Assert.Empty(first.Changes);
        Assert.False(reader.TryRead(out _));
    }

    [Fact]
    public void Publish_ReaderThatKeepsUp_GetsEveryItemInOrder()
    {
        using FeedReader reader = _feed.Subscribe(capacity: 4);
        Assert.True(reader.TryRead(out _));
        for (int i = 0; i < 10; i++)
        {
            Publish(2);
            Publish(0);
            Assert.True(reader.TryRead(out FeedItem? a));
            Assert.True(reader.TryRead(out FeedItem? b));
            Assert.Equal((_index - 1, 2, false), (a.Index, a.Changes.Count, a.IsReset));
            Assert.Equal((_index, 0, false), (b.Index, b.Changes.Count, b.IsReset));
        }
    }

    [Fact]
    public void Publish_MoreThanTheBuffer_ResetsThatReaderOnly()
    {
        using FeedReader slow = _feed.Subscribe(capacity: 3);
        using FeedReader fast = _feed.Subscribe(capacity: 100);
        Assert.True(slow.TryRead(out _));
        Assert.True(fast.TryRead(out _));
        Publish(2);
        Publish(2);
        Publish(1);

        Assert.True(slow.TryRead(out FeedItem? reset));
        Assert.Equal((3ul, true), (reset.Index, reset.IsReset));
        Assert.False(slow.TryRead(out _));
        Publish(1);
        Assert.True(slow.TryRead(out FeedItem? next));
        Assert.Equal((4ul, false), (next.Index, next.IsReset));
        Assert.True(fast.TryRead(out FeedItem? one));
        Assert.Equal((1ul, false), (one.Index, one.IsReset));
    }

    [Fact]
    public void WaitAsync_EndsWithTheNextItem_AndWithFalseWhenTheFeedEnds()
    {
        using FeedReader reader = _feed.Subscribe();
        Assert.True(reader.WaitAsync().Result);
        Assert.True(reader.TryRead(out _));

        ValueTask<bool> wait = reader.WaitAsync();
        Assert.False(wait.IsCompleted);
        Assert.Throws<InvalidOperationException>(() => reader.WaitAsync());
        Publish(1);
        Assert.True(wait.Result);
        Assert.True(reader.TryRead(out _));

        ValueTask<bool> last = reader.WaitAsync();
        _feed.Complete();
        Assert.False(last.Result);
        Assert.Equal(0, _feed.ReaderCount);
    }

    [Fact]
    public async Task WaitAsync_Cancelled_CanBeCalledAgain()
    {
        using FeedReader reader = _feed.Subscribe();
        Assert.True(reader.TryRead(out _));
        using var cancel = new CancellationTokenSource();
        ValueTask<bool> wait = reader.WaitAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await wait);

        Publish(1);
        Assert.True(await reader.WaitAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Dispose_TakesTheReaderAway()
    {
        FeedReader reader = _feed.Subscribe();
        Assert.Equal(1, _feed.ReaderCount);
        reader.Dispose();
        Assert.Equal(0, _feed.ReaderCount);
    }

    private void Publish(int changes)
    {
        _index++;
        StoreChange[] list =
            [.. Enumerable.Range(0, changes).Select(i => new StoreChange(ChangeAction.Create, null, Make.Service($"{i}", $"{i}")))];
        _feed.Publish(new(new(_index, StoreView.Empty.Root), list, isReset: false));
    }
}
