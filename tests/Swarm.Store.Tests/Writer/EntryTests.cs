// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;
using Swarm.Store.Tests.Support;

namespace Swarm.Store.Tests.Writer;

/// <summary>Bounded entries, versions, the apply rule, no trace of what was refused.</summary>
public sealed class EntryTests
{
    [Fact]
    public void Turn_ManyCommands_ShareOneEntryAndItsVersion()
    {
        WriterWorld world = new WriterWorld().Lead();
        Task<Service?>[] answers =
            [.. Enumerable.Range(0, 100).Select(i => world.Write(tx => tx.Create(Make.Service($"{i}", $"{i}")), $"{i}"))];
        world.Settle();
        Assert.Single(world.Manual.Proposed);
        world.CommitNext();

        Assert.All(answers, a => Assert.Equal(1ul, a.Result!.Meta.Version.Index));
    }

    [Fact]
    public void Entries_AreCutBetweenAtoms_AtomsThatDoNotFitRunAgainAtTheNextIndex()
    {
        WriterWorld world = new WriterWorld(configure: o => o.MaxEntryBytes = 1024).Lead();
        var ids = new List<string>();
        Task<ulong>[] answers =
        [
            .. Enumerable.Range(0, 10).Select(i => world.Writer.SubmitAsync<ulong>("test", tx =>
            {
                string id = tx.Ids.NewId();
                ids.Add(id);
                ulong index = tx.EntryIndex;
                tx.Create(Make.Service(id, $"name-{i}").WithSpecVersion(new() { Index = index }));
                tx.Create(Make.Task("t" + id, id).WithNodeId(new string('x', 300)));
                return r =>
                {
                    Assert.Equal(index, r.Get<Service>(id)!.Meta.Version.Index);
                    Assert.Equal(index, r.Get<Api.Task>("t" + id)!.Meta.Version.Index);
                    return index;
                };
            })),
        ];
        world.Settle();
        Assert.True(world.Manual.Proposed.Count > 3);
        Assert.All(world.Manual.Proposed, p => Assert.InRange(p.Request!.CalculateSize(), 1, 1024));
        Assert.Equal(Enumerable.Range(1, world.Manual.Proposed.Count).Select(i => (ulong)i), world.Manual.Proposed.Select(p => p.Index));
        while (world.Manual.Committed < (ulong)world.Manual.Proposed.Count)
        {
            world.CommitNext();
        }

        Assert.Equal(answers.Select(a => a.Result), answers.Select(a => a.Result).Order());
        Assert.True(ids.Count > 10, "an atom that did not fit must have run again");
        Assert.Equal(10, ids.Distinct().Count());
        Assert.Equal(10, world.Writer.Committed.Count<Service>());
        Assert.Equal(0, world.Writer.Counters.Alarms);
    }

    [Fact]
    public void Command_LargerThanAnEntry_IsRefusedWithItsSize()
    {
        WriterWorld world = new WriterWorld(configure: o => o.MaxEntryBytes = 2000).Lead();
        Task answer = world.Write(tx => tx.Create(Make.Task("t", "s").WithNodeId(new string('x', 3000))));
        world.Settle();

        Assert.Equal(SwarmErrorCode.ResourceExhausted, WriterWorld.Refused(answer));
        Assert.Matches("takes 3[0-9]{3} bytes, over the limit of 2000 bytes", answer.Exception!.InnerException!.Message);
        Assert.Empty(world.Manual.Proposed);
        Assert.Equal(0, world.Writer.Counters.Alarms);
    }

    [Fact]
    public void EntriesInFlight_AtTheBound_LaterCommandsGatherInOne()
    {
        WriterWorld world = new WriterWorld(configure: o => o.MaxEntriesInFlight = 2).Lead();
        for (int i = 0; i < 10; i++)
        {
            int n = i;
            world.Write(tx => tx.Create(Make.Service($"{n}", $"{n}")));
            world.Settle();
        }

        Assert.Equal([1, 1], world.Manual.Proposed.Select(p => p.Request!.Action.Count));
        world.CommitNext();
        Assert.Equal([1, 1, 8], world.Manual.Proposed.Select(p => p.Request!.Action.Count));
    }

    [Fact]
    public void Command_BlockedInTheMiddleOfATurn_GoesOnWhenAnEntryCommits()
    {
        WriterWorld world = new WriterWorld(configure: o =>
        {
            o.MaxEntriesInFlight = 1;
            o.MaxEntryBytes = 1024;
        }).Lead();
        Task[] answers =
            [.. Enumerable.Range(0, 6).Select(i => world.Write(tx => tx.Create(Make.Task($"{i}", "s").WithNodeId(new string('x', 500)))))];
        world.Settle();
        for (int i = 1; i <= 6; i++)
        {
            Assert.Equal(i, world.Manual.Proposed.Count);
            Assert.Equal(i - 1, answers.Count(a => a.IsCompletedSuccessfully));
            world.CommitNext();
        }

        Assert.All(answers, a => Assert.True(a.IsCompletedSuccessfully));
        Assert.True(world.Writer.Counters.IsAtRest);
    }

    [Fact]
    public void Refused_LeavesNoTraceInWhatFollows()
    {
        List<byte[]> with = History(refusals: true);
        List<byte[]> without = History(refusals: false);

        Assert.Equal(without, with);
        Assert.Equal(5, without.Count);

        static List<byte[]> History(bool refusals)
        {
            var world = new WriterWorld([() => new ReplicaController()]);
            world.Lead();
            for (int i = 0; i < 5; i++)
            {
                int n = i;
                if (refusals)
                {
                    world.Write(tx =>
                    {
                        tx.Create(Make.Service(tx.Ids.NewId(), "refused", tx.Random.NextUInt64()));
                        tx.Create(Make.Task("", "x"));
                    });
                }

                world.Write(tx => tx.Create(Make.Service(tx.Ids.NewId(), $"s{n}", 2)));
                if (refusals)
                {
                    world.Write(tx => tx.Remove<Service>("nobody"));
                }

                world.Settle();
                while (world.Manual.Committed < (ulong)world.Manual.Proposed.Count)
                {
                    world.CommitNext();
                }
            }

            return [.. world.Manual.Proposed.Select(p => p.Request!.ToByteArray())];
        }
    }

    [Fact]
    public void Atom_SeveralWritesOfAnObject_BecomeOneAction()
    {
        WriterWorld world = new WriterWorld().Lead();
        using FeedReader feed = world.Writer.Feed.Subscribe();
        Assert.True(feed.TryRead(out _));
        world.Write(tx =>
        {
            tx.Create(Make.Service("a", "one"));
            tx.Update(tx.Get<Service>("a")!.WithPendingDelete(true));
            tx.Create(Make.Service("b", "two"));
            tx.Remove<Service>("b");
            tx.Create(Make.Service("c", "two"));
        });
        world.Settle();
        world.CommitNext();

        Assert.True(feed.TryRead(out FeedItem? item));
        Assert.Equal(
            [(ChangeAction.Create, "a"), (ChangeAction.Create, "c")],
            item.Changes.Select(c => (c.Action, c.Subject.Id)));
        Assert.True(world.Writer.Committed.Get<Service>("a")!.PendingDelete);
    }

    [Fact]
    public void Atom_NamesHandedRound_KeepTheirOrderInTheEntry()
    {
        WriterWorld world = new WriterWorld().Lead();
        world.Write(tx =>
        {
            tx.Create(Make.Service("a", "one"));
            tx.Create(Make.Service("b", "two"));
        });
        world.Settle();
        world.CommitNext();

        // A follower that joined the two writes of "a" would find "one" or "two" taken.
        Task swap = world.Write(tx =>
        {
            tx.Update(Renamed(tx, "a", "three"));
            tx.Update(Renamed(tx, "b", "one"));
            tx.Update(Renamed(tx, "a", "two"));
        });
        world.Settle();
        world.CommitNext();

        Assert.True(swap.IsCompletedSuccessfully);
        Assert.Equal(3, world.Manual.Proposed[1].Request!.Action.Count);
        Assert.Equal("b", world.Writer.Committed.GetByName<Service>("one")!.Id);
        static Service Renamed(IStoreTransaction tx, string id, string name) => tx.Get<Service>(id)!.WithSpec(Make.Service("", name).Spec);
    }

    [Fact]
    public void Follower_EntryThatBreaksARule_HasNoEffectAtAllAndTheLogGoesOn()
    {
        var world = new WriterWorld();
        using FeedReader feed = world.Writer.Feed.Subscribe();
        Assert.True(feed.TryRead(out _));
        InternalRaftRequest[] bad =
        [
            new() { Action = { AnswerTests.Create(Make.Service("c", "x")), AnswerTests.Create(Make.Service("a", "y")) } },
            new() { Action = { AnswerTests.Create(Make.Service("c", "x")), AnswerTests.Create(Make.Service("d", "ONE")) } },
            new() { Action = { AnswerTests.Create(Make.Service("c", "x")), Action(StoreActionKind.StoreActionRemove, "z") } },
            new() { Action = { AnswerTests.Create(Make.Service("c", "x")), Action(StoreActionKind.StoreActionUpdate, "z") } },
            new()
            {
                Action = { new StoreAction { Action = StoreActionKind.StoreActionCreate, Resource = new() { Id = "r", Kind = "none" } } },
            },
            new() { Action = { AnswerTests.Create(Make.Service("c", "x")), new StoreAction() } },
        ];
        world.Manual.Commit(9, new() { Action = { AnswerTests.Create(Make.Service("a", "one")) } });
        foreach (InternalRaftRequest request in bad)
        {
            world.Manual.Commit(9, request);
        }

        world.Manual.Commit(9, null);
        world.Manual.Commit(9, new() { Action = { AnswerTests.Create(Make.Service("b", "two")) } });
        world.Settle();

        Assert.Equal(9ul, world.Writer.Committed.Index);
        Assert.Equal(["a", "b"], world.Writer.Committed.All<Service>().Select(s => s.Id));
        Assert.Equal((6, 6), (world.Writer.Counters.EntriesWithoutEffect, world.Writer.Counters.Alarms));
        var seen = new List<int>();
        while (feed.TryRead(out FeedItem? item))
        {
            seen.Add(item.Changes.Count);
        }

        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 0, 1], seen);
    }

    [Fact]
    public void Follower_AppliesVerbatim_EvenAnOldVersion()
    {
        var world = new WriterWorld();
        Service stamped = Make.Service("a", "one").WithMeta(new Meta { Version = new() { Index = 3 } });
        world.Manual.Commit(9, new() { Action = { AnswerTests.Create(stamped) } });
        var update = new StoreAction { Action = StoreActionKind.StoreActionUpdate, Service = stamped.WithPendingDelete(true) };
        world.Manual.Commit(9, new() { Action = { update } });
        world.Settle();

        Assert.Equal(3ul, world.Writer.Committed.Get<Service>("a")!.Meta.Version.Index);
        Assert.True(world.Writer.Committed.Get<Service>("a")!.PendingDelete);
    }

    [Fact]
    public void Follower_TasksOfOneSpecVersion_ShareOneSpec()
    {
        var world = new WriterWorld();
        var spec = new TaskSpec { Container = new() { Image = "nginx" } };
        Service service = Make.Service("s", "web").WithSpecVersion(new() { Index = 4 });
        service.Spec.Task = spec;
        InternalRaftRequest request = new() { Action = { AnswerTests.Create(service) } };
        foreach ((string id, TaskSpec own, ulong version) in
            new[] { ("a", spec, 4ul), ("b", spec, 4ul), ("c", spec, 3ul), ("d", new() { ForceUpdate = 1 }, 4ul) })
        {
            Api.Task task = Make.Task(id, "s").WithSpec(own).WithSpecVersion(new() { Index = version });
            request.Action.Add(new StoreAction { Action = StoreActionKind.StoreActionCreate, Task = task });
        }

        world.Manual.Commit(9, InternalRaftRequest.Parser.ParseFrom(request.ToByteArray()));
        world.Settle();
        StoreView view = world.Writer.Committed;
        TaskSpec shared = view.Get<Service>("s")!.Spec.Task;

        Assert.Same(shared, view.Get<Api.Task>("a")!.Spec);
        Assert.Same(shared, view.Get<Api.Task>("b")!.Spec);
        Assert.NotSame(shared, view.Get<Api.Task>("c")!.Spec);
        Assert.Equal(1ul, view.Get<Api.Task>("d")!.Spec.ForceUpdate);
        StoreView loaded = StoreView.FromSnapshot(1, StoreSnapshot.Parser.ParseFrom(view.ToSnapshot().ToByteArray()));
        Assert.Same(loaded.Get<Service>("s")!.Spec.Task, loaded.Get<Api.Task>("b")!.Spec);
    }

    [Fact]
    public void Snapshot_Installed_ReplacesTheStateAndResetsReaders()
    {
        var world = new WriterWorld();
        using FeedReader feed = world.Writer.Feed.Subscribe();
        Assert.True(feed.TryRead(out _));
        world.Manual.Listener.SnapshotInstalled(40, new() { Services = { Make.Service("a", "one") } });
        world.Settle();

        Assert.Equal(40ul, world.Writer.Committed.Index);
        Assert.True(feed.TryRead(out FeedItem? item));
        Assert.True(item.IsReset);
        Assert.NotNull(item.View.Get<Service>("a"));
    }

    [Fact]
    public void DetectMutation_StoredObjectChangedInPlace_IsFound()
    {
        WriterWorld world = new WriterWorld().Lead();
        world.Write(tx => tx.Create(Make.Service("a", "one")));
        world.Settle();
        world.CommitNext();

        world.Writer.Committed.Get<Service>("a")!.Spec.Annotations.Labels["x"] = "y";
        world.Write(tx => tx.Remove<Service>("a"));
        Exception e = Assert.ThrowsAny<Exception>(world.Settle);

        Assert.Contains("changed in place", e.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(StoreWriterOptions.MaxCommandsPerTurn))]
    [InlineData(nameof(StoreWriterOptions.MaxWritesPerController))]
    [InlineData(nameof(StoreWriterOptions.MaxEntryBytes))]
    [InlineData(nameof(StoreWriterOptions.MaxEntriesInFlight))]
    [InlineData(nameof(StoreWriterOptions.MaxQueuedCommands))]
    public void Options_OutOfRange_AreRefusedByName(string name)
    {
        var options = new StoreWriterOptions();
        options.Validate();
        typeof(StoreWriterOptions).GetProperty(name)!.SetValue(options, 0);

        Assert.Contains(name, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }

    private static StoreAction Action(StoreActionKind kind, string id) => new() { Action = kind, Service = Make.Service(id, id) };
}
