// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Store.Tests.Support;
using Swarm.Store.Writer;

namespace Swarm.Store.Tests.Writer;

public sealed class ControllerTests
{
    private readonly List<string> _events = [];

    [Fact]
    public void Turn_CommandThenControllersInOrder_LandInOneEntry()
    {
        WriterWorld world = new WriterWorld([Follow("b", "a"), Follow("c", "b")]).Lead();
        world.Write(tx => tx.Create(Make.Service("a", "a")));
        world.Settle();

        Assert.Equal(["a", "b", "c"], world.Manual.Proposed.Single().Request!.Action.Select(a => a.Service.Id));
    }

    [Fact]
    public void Turn_WhatALaterControllerMade_IsSeenByAnEarlierOneInTheNextTurn()
    {
        WriterWorld world = new WriterWorld([Follow("c", "b"), Follow("b", "a")]).Lead();
        world.Write(tx => tx.Create(Make.Service("a", "a")));
        world.Settle();

        Assert.Equal(["ab", "c"], world.Manual.Proposed.Select(p => string.Concat(p.Request!.Action.Select(a => a.Service.Id))));
    }

    [Fact]
    public void Observe_SeesEveryChangeInOrder_ItsOwnBeforeTryAtomReturns()
    {
        WriterWorld world = new WriterWorld(
        [
            () => new ScriptedController("one")
            {
                OnObserve = (change, head) =>
                    _events.Add($"{change.Action} {change.Subject.Id} {head.Get<Service>(change.Subject.Id) is not null}"),
                OnRun = turn =>
                {
                    if (turn.Head.Get<Service>("b") is null && turn.Head.Get<Service>("a") is not null)
                    {
                        Assert.True(turn.TryAtom(tx => tx.Create(Make.Service("b", "b"))));
                        _events.Add("returned");
                    }

                    return false;
                },
            },
        ]).Lead();
        world.Write(tx => tx.Create(Make.Service("a", "a")));
        world.Settle();
        world.Write(tx => tx.Remove<Service>("a"));
        world.Settle();

        Assert.Equal(["Create a True", "Create b True", "returned", "Remove a False"], _events);
    }

    [Fact]
    public void Budget_UsedUp_CutsOffAndNewCommandsComeFirst()
    {
        int left = 25;
        WriterWorld world = new WriterWorld(
        [
            () => new ScriptedController("busy")
            {
                OnRun = turn =>
                {
                    while (left > 0)
                    {
                        if (!turn.TryAtom(tx => tx.Create(Make.Task(tx.Ids.NewId(), "s"))))
                        {
                            return true;
                        }

                        left--;
                    }

                    return false;
                },
            },
        ],
            o => o.MaxWritesPerController = 10);
        world.Manual.Begin();
        world.Loop.RunUntil(() => world.Manual.Proposed.Count == 1, TimeSpan.Zero);
        world.Write(tx => tx.Create(Make.Service("a", "a")));
        world.Settle();

        // The second turn was on its way already; the third has the command before the rest of the controller's work.
        Assert.Equal([10, 10, 6], world.Manual.Proposed.Select(p => p.Request!.Action.Count));
        Assert.Equal("a", world.Manual.Proposed[2].Request!.Action[0].Service?.Id);
        Assert.Equal(25, world.Writer.Counters.ControllerWrites["busy"]);
    }

    [Fact]
    public void Budget_UsedUpByOne_LeavesTheOthersTheirs()
    {
        WriterWorld world = new WriterWorld(
            [() => Busy("one"), () => Busy("two")],
            o => o.MaxWritesPerController = 3);
        world.Manual.Begin();
        world.Loop.RunUntil(() => world.Manual.Proposed.Count == 2, TimeSpan.Zero);

        Assert.All(
            world.Manual.Proposed,
            p => Assert.Equal("one one one two two two", string.Join(' ', p.Request!.Action.Select(a => a.Task.ServiceId))));

        static ScriptedController Busy(string name) => new(name)
        {
            OnRun = turn =>
            {
                while (turn.TryAtom(tx => tx.Create(Make.Task(tx.Ids.NewId(), name))))
                {
                }

                return true;
            },
        };
    }

    [Fact]
    public void AtomThatThrows_IsTakenBackAlone()
    {
        WriterWorld world = new WriterWorld(
        [
            () => new ScriptedController("one")
            {
                OnRun = turn =>
                {
                    if (turn.Head.Count<Service>() > 0)
                    {
                        return false;
                    }

                    turn.TryAtom(tx => tx.Create(Make.Service("a", "a")));
                    _events.Add(Assert.Throws<SwarmException>(() => turn.TryAtom(tx =>
                    {
                        tx.Create(Make.Service("b", "b"));
                        tx.Create(Make.Service("c", "A"));
                    })).Code.ToString());
                    turn.TryAtom(tx => tx.Create(Make.Service("d", "d")));
                    return false;
                },
            },
        ]).Lead();
        world.CommitNext();

        Assert.Equal(["AlreadyExists"], _events);
        Assert.Equal(["a", "d"], world.Writer.Committed.All<Service>().Select(s => s.Id));
        Assert.Equal(0, world.Writer.Counters.Alarms);
    }

    [Fact]
    public void AtomLargerThanAnEntry_IsAnAlarmAndTheReignGoesOn()
    {
        WriterWorld world = new WriterWorld(
            [() => new ScriptedController("big") { OnRun = turn => turn.TryAtom(tx => tx.Create(Make.Task("t", new string('x', 3000)))) }],
            o => o.MaxEntryBytes = 2000).Lead();

        Assert.Equal(1, world.Writer.Counters.Alarms);
        Assert.True(world.Writer.IsLeading);
        Assert.True(world.Writer.Counters.IsAtRest);
    }

    [Fact]
    public void Timers_ComeDueOnceByTime_AndCanBeMovedAndTakenAway()
    {
        DateTimeOffset begin = default;
        WriterWorld world = new WriterWorld(
        [
            () => new ScriptedController("one")
            {
                OnBegin = start =>
                {
                    begin = start.Now;
                    start.SetTimer("late", start.Now + TimeSpan.FromSeconds(5));
                    start.SetTimer("early", start.Now + TimeSpan.FromSeconds(2));
                    start.SetTimer("moved", start.Now + TimeSpan.FromSeconds(1));
                    start.SetTimer("moved", start.Now + TimeSpan.FromSeconds(3));
                    start.SetTimer("never", start.Now + TimeSpan.FromSeconds(4));
                    start.SetTimer("far", start.Now + TimeSpan.FromDays(100));
                },
                OnRun = turn =>
                {
                    turn.CancelTimer("never");
                    _events.AddRange(turn.DueTimers.Select(k => $"{k} {(turn.Now - begin).TotalSeconds}"));
                    return false;
                },
            },
        ]).Lead();
        world.Loop.RunFor(TimeSpan.FromDays(101));

        Assert.Equal(["early 2", "moved 3", "late 5", "far 8640000"], _events);
        Assert.Empty(world.Manual.Proposed);
    }

    [Fact]
    public void Timers_EndWithTheReign()
    {
        WriterWorld world = new WriterWorld(
        [
            () => new ScriptedController("one")
            {
                OnBegin = start => start.SetTimer($"t{_events.Count}", start.Now + TimeSpan.FromSeconds(2)),
                OnRun = turn =>
                {
                    _events.AddRange(turn.DueTimers);
                    return false;
                },
            },
        ]).Lead();
        world.Loop.RunFor(TimeSpan.FromSeconds(1));
        world.Manual.Listener.ReignEnded(1);
        world.Loop.RunFor(TimeSpan.FromSeconds(5));
        Assert.Empty(_events);

        world.Lead(2);
        world.Loop.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(["t0"], _events);
    }

    [Fact]
    public void ControllerThatFails_EndsTheReign_AndANewOneStartsAfterAPause()
    {
        int made = 0;
        var world = new WriterWorld(
            [
                () =>
                {
                    made++;
                    return new ScriptedController("one")
                    {
                        OnRun = turn =>
                            turn.Head.Count<Service>() == 1 && made == 1 ? throw new InvalidOperationException("a defect") : false,
                    };
                },
            ],
            proposer: log => new LocalProposer(log, pauseAfterStandDown: TimeSpan.FromSeconds(1)));
        world.Settle();
        Task<Service?> answer = world.Write(tx => tx.Create(Make.Service("a", "one")), "a");
        world.Settle();

        Assert.Equal(SwarmErrorCode.NotLeader, WriterWorld.Refused(answer));
        Assert.False(world.Writer.IsLeading);
        Assert.Equal(1, world.Writer.Counters.Alarms);
        world.Loop.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal((2ul, 2), (world.Writer.Reign, made));
        answer = world.Write(tx => tx.Create(Make.Service("a", "one")), "a");
        world.Settle();
        Assert.NotNull(answer.Result);
    }

    [Fact]
    public void ObserveThatFails_IsToldOncePerVersionOfTheObject_AndTheReignGoesOn()
    {
        WriterWorld world = new WriterWorld(
        [
            () => new ScriptedController("one")
            {
                OnObserve = (change, _) => _events.Add(
                    change.Subject.Id == "bad" ? throw new InvalidOperationException("a defect") : change.Subject.Id),
            },
        ]).Lead();
        world.Write(tx =>
        {
            tx.Create(Make.Service("bad", "one"));
            tx.Create(Make.Service("good", "two"));
        });
        world.Settle();
        world.CommitNext();
        Assert.Equal(["good"], _events);
        Assert.Equal(1, world.Writer.Counters.Alarms);

        world.Write(tx => tx.Update(tx.Get<Service>("bad")!));
        world.Settle();
        Assert.Equal(2, world.Writer.Counters.Alarms);
        Assert.True(world.Writer.IsLeading);
    }

    [Fact]
    public void LeaveOut_ObjectOfAnyStep_IsToldOnceAndNotForTheStoresOwnErrors()
    {
        WriterWorld world = new WriterWorld(
        [
            () => new ScriptedController("one")
            {
                OnBegin = start => Assert.True(start.LeaveOut(Make.Service("a", "a"), new InvalidOperationException("a defect"))),
                OnRun = turn =>
                {
                    Assert.True(turn.LeaveOut(Make.Service("a", "a"), new InvalidOperationException("a defect")));
                    Assert.True(turn.LeaveOut(Make.Service("b", "b"), new InvalidOperationException("a defect")));
                    Assert.False(turn.LeaveOut(Make.Service("c", "c"), new StoreInvariantException("not the object's fault")));
                    _events.Add("ran");
                    return false;
                },
            },
        ]).Lead();
        world.Settle();

        Assert.Equal(["ran"], _events);
        Assert.Equal(2, world.Writer.Counters.Alarms);
        Assert.True(world.Writer.IsLeading);
    }

    [Fact]
    public void Wake_RunsControllersWithoutAChange()
    {
        int runs = 0;
        WriterWorld world = new WriterWorld(
            [() => new ScriptedController("one") { OnRun = _ => ++runs < 0 }]).Lead();
        Assert.Equal(1, runs);
        world.Writer.Wake();
        world.Settle();

        Assert.Equal(2, runs);
        Assert.True(world.Writer.Counters.IsAtRest);
    }

    [Fact]
    public void Run_SaysMoreWithoutHavingWritten_RunsOnceInEachTurnUntilItIsDone()
    {
        int runs = 0;
        WriterWorld world = new WriterWorld(
            [() => new ScriptedController("one") { OnRun = _ => ++runs < 4 }]).Lead();

        Assert.Equal(4, runs);
        Assert.Equal(4, world.Writer.Counters.Turns);
        Assert.True(world.Writer.Counters.IsAtRest);
    }

    [Fact]
    public void Head_EnumeratedWhileWriting_ShowsTheStateAtItsCall()
    {
        WriterWorld world = new WriterWorld(
        [
            () => new ScriptedController("one")
            {
                OnRun = turn =>
                {
                    foreach (Api.Task task in turn.Head.TasksByService("s"))
                    {
                        Assert.True(turn.TryAtom(tx => tx.Remove<Api.Task>(task.Id)));
                        _events.Add(task.Id);
                    }

                    return false;
                },
            },
        ]).Lead();
        world.Write(tx =>
        {
            for (int i = 0; i < 100; i++)
            {
                tx.Create(Make.Task($"{i:00}", "s", (ulong)i + 1));
            }

            foreach (Api.Task task in tx.All<Api.Task>())
            {
                tx.Update(task.WithNodeId("n"));
            }
        });
        world.Settle();
        world.CommitNext();

        Assert.Equal(100, _events.Count);
        Assert.Equal(0, world.Writer.Committed.Count<Api.Task>());
    }

    [Fact]
    public void Transaction_EnumeratedWhileWriting_ShowsTheStateAtItsCall()
    {
        WriterWorld world = new WriterWorld().Lead();
        int seen = 0;
        Task answer = world.Write(tx =>
        {
            for (int i = 0; i < 100; i++)
            {
                tx.Create(Make.Task($"{i:00}", "s", (ulong)i + 1));
            }

            foreach (Api.Task task in tx.All<Api.Task>())
            {
                tx.Remove<Api.Task>(task.Id);
                tx.Create(Make.Task($"x{task.Id}", "s", 1));
                seen++;
            }
        });
        world.Settle();
        world.CommitNext();

        Assert.True(answer.IsCompletedSuccessfully);
        Assert.Equal(100, seen);
        Assert.Equal(100, world.Writer.Committed.TasksBySlot("s", 1).Count());
    }

    // Makes one service when another is there.
    private static Func<IController> Follow(string make, string after) => () => new ScriptedController(make)
    {
        OnRun = turn =>
        {
            if (turn.Head.Get<Service>(after) is not null && turn.Head.Get<Service>(make) is null)
            {
                Assert.True(turn.TryAtom(tx => tx.Create(Make.Service(make, make))));
            }

            return false;
        },
    };
}
