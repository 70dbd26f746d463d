// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;
using Swarm.Core;

namespace Swarm.Simulation.Tests;

public sealed class SimulationLoopTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void Delay_NothingElseToDo_JumpsToItsEnd()
    {
        var loop = new SimulationLoop(1);
        SimulatedHost host = loop.AddHost("a");
        DateTimeOffset start = loop.Now;
        Mailbox mailbox = host.Create("m");

        loop.Run(mailbox, () => Task.Delay(TimeSpan.FromMinutes(7), host.Time), Hour);

        Assert.Equal(start + TimeSpan.FromMinutes(7), loop.Now);
        Assert.True(loop.Steps < 20);
    }

    [Fact]
    public void Run_WorkNeverEnds_SaysSoAtTheLimit()
    {
        var loop = new SimulationLoop(1);
        Mailbox mailbox = loop.AddHost("a").Create("m");

        var e = Assert.Throws<TimeoutException>(() => loop.Run(mailbox, () => new TaskCompletionSource().Task, Hour));

        Assert.Contains("seed 1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mailbox_Items_RunInOrderOfPosting()
    {
        var loop = new SimulationLoop(3);
        Mailbox mailbox = loop.AddHost("a").Create("m");
        var seen = new List<int>();
        for (int i = 0; i < 100; i++)
        {
            int n = i;
            mailbox.Post(() => seen.Add(n));
        }

        loop.RunFor(Hour);

        Assert.Equal(Enumerable.Range(0, 100), seen);
    }

    [Fact]
    public void SameSeed_SameTrace_OtherSeed_OtherTrace()
    {
        Assert.Equal(PingPong(11), PingPong(11));
        Assert.NotEqual(PingPong(11), PingPong(12));
    }

    [Fact]
    public void Crash_QueuedWorkAndTimersOfTheHost_NeverRun()
    {
        var loop = new SimulationLoop(1);
        SimulatedHost host = loop.AddHost("a");
        SimulatedHost other = loop.AddHost("b");
        bool ran = false;
        bool otherRan = false;
        host.Create("m").Post(() => ran = true);
        using ITimer timer = host.Time.CreateTimer(_ => ran = true, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        using ITimer kept = other.Time.CreateTimer(_ => otherRan = true, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        host.Crash();
        loop.RunFor(Hour);

        Assert.False(ran);
        Assert.True(otherRan);
    }

    [Fact]
    public void Timer_ChangedAndDisposed_FiresOnlyWhenDue()
    {
        var loop = new SimulationLoop(1);
        SimulatedHost host = loop.AddHost("a");
        var fired = new List<TimeSpan>();
        DateTimeOffset start = loop.Now;
        ITimer timer = host.Time.CreateTimer(_ => fired.Add(loop.Now - start), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        timer.Change(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2));
        loop.RunFor(TimeSpan.FromSeconds(6));
        timer.Dispose();
        loop.RunFor(Hour);

        Assert.Equal([TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5)], fired);
    }

    [Fact]
    public void OtherThread_Posting_IsCaught()
    {
        var loop = new SimulationLoop(1);
        Mailbox mailbox = loop.AddHost("a").Create("m");

        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(() => mailbox.Post(() => { })));
        thread.Start();
        thread.Join();

        var e = Assert.IsType<InvalidOperationException>(thrown);
        Assert.Contains("left the simulation", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mailbox_ItemThrows_EndsTheSimulationWithIt()
    {
        var loop = new SimulationLoop(1);
        loop.AddHost("a").Create("m").Post(() => throw new InvalidDataException("boom"));

        Assert.Throws<InvalidDataException>(() => loop.RunFor(Hour));
    }

    [Fact]
    public void ClockOffset_ShiftsTheHostsClockOnly()
    {
        var loop = new SimulationLoop(1);
        SimulatedHost ahead = loop.AddHost("a", TimeSpan.FromMinutes(5));

        Assert.Equal(loop.Now + TimeSpan.FromMinutes(5), ahead.Time.GetUtcNow());
    }

    private static ulong PingPong(ulong seed)
    {
        var loop = new SimulationLoop(seed);
        SimulatedHost a = loop.AddHost("a");
        SimulatedHost b = loop.AddHost("b");
        Channel<int> there = Channel.CreateBounded<int>(4);
        Channel<int> back = Channel.CreateBounded<int>(4);
        SeededRandom random = loop.ForkRandom();
        int got = 0;
        Task left = a.Create("m").RunAsync(async () =>
        {
            for (int i = 0; i < 100; i++)
            {
                await Task.Delay(random.NextTimeSpan(TimeSpan.Zero, TimeSpan.FromSeconds(1)), a.Time);
                await there.Writer.WriteAsync(i);
                got += await back.Reader.ReadAsync();
            }
        });
        Task right = b.Create("m").RunAsync(async () =>
        {
            for (int i = 0; i < 100; i++)
            {
                await back.Writer.WriteAsync(await there.Reader.ReadAsync());
            }
        });

        Assert.True(loop.RunUntil(() => left.IsCompleted && right.IsCompleted, Hour));
        Assert.Equal(4950, got);
        return loop.Trace.Hash;
    }
}
