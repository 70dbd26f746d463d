// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Core.Tests;

public sealed class ThreadPoolMailboxTests
{
    private readonly Mailbox _mailbox = new ThreadPoolMailboxFactory().Create("test");

    [Fact]
    public async Task Posts_FromManyThreads_RunOneAtATime()
    {
        const int Threads = 8;
        const int Each = 5000;
        int inside = 0;
        int count = 0;
        bool overlapped = false;
        using var done = new CountdownEvent(Threads * Each);
        Parallel.For(0, Threads, _ =>
        {
            for (int i = 0; i < Each; i++)
            {
                _mailbox.Post(() =>
                {
                    overlapped |= Interlocked.Increment(ref inside) != 1;
                    count++;
                    Interlocked.Decrement(ref inside);
                    done.Signal();
                });
            }
        });

        Assert.True(done.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.False(overlapped);
        Assert.Equal(Threads * Each, await _mailbox.InvokeAsync(() => count));
    }

    [Fact]
    public async Task Posts_OfOneThread_KeepTheirOrder()
    {
        var seen = new List<int>();
        for (int i = 0; i < 1000; i++)
        {
            int n = i;
            _mailbox.Post(() => seen.Add(n));
        }

        Assert.Equal(Enumerable.Range(0, 1000), await _mailbox.InvokeAsync(() => seen.ToArray()));
    }

    [Fact]
    public async Task Await_ComesBackToTheMailbox()
    {
        (SynchronizationContext? before, SynchronizationContext? after) = await _mailbox.RunAsync(async () =>
        {
            SynchronizationContext? first = SynchronizationContext.Current;
            await Task.Yield();
            return (first, SynchronizationContext.Current);
        });

        Assert.Same(_mailbox, before);
        Assert.Same(_mailbox, after);
    }

    [Fact]
    public async Task Invoke_WorkThrows_GivesItsException()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => _mailbox.InvokeAsync<int>(() => throw new InvalidDataException()));
        await Assert.ThrowsAsync<InvalidDataException>(() => _mailbox.RunAsync(() => throw new InvalidDataException()));
        await Assert.ThrowsAsync<TaskCanceledException>(() => _mailbox.RunAsync(() => Task.FromCanceled(new CancellationToken(true))));
    }

    [Fact]
    public void Send_IsRefused() => Assert.Throws<InvalidOperationException>(() => _mailbox.Send(_ => { }, null));
}
