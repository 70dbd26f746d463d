// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Store.Testing;
using Swarm.Store.Tests.Support;
using Swarm.Store.Writer;

namespace Swarm.Store.Tests.Writer;

/// <summary>
/// Any history of lost leadership: the store converges to what the commands that made it into the log give without faults,
/// and nobody was told anything that the log contradicts.
/// </summary>
public sealed class FaultyHistoryTests
{
    private static readonly string[] Names = ["alpha", "beta", "gamma", "delta", "epsilon"];

    [Fact]
    public void AnyHistory_ConvergesToTheFaultFreeOne_AndContradictsNoAnswer()
    {
        int lost = 0;
        int late = 0;
        int drained = 0;
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (ulong seed = 1; seed <= 120; seed++)
        {
            try
            {
                Run run = Play(seed);
                CheckAnswers(run);
                CheckVersions(run);
                CheckConverged(run);
                drained += run.DrainedInReign;
                lost += run.Faulty!.EntriesLost;
                late += run.Faulty.EntriesCommittedLate;
                foreach (Sent sent in run.Sent)
                {
                    string outcome = sent.Error?.ToString() ?? "Success";
                    outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
                }
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
        }

        // The histories must have had what this test is about.
        Assert.True(lost > 100 && late > 100 && drained > 50, $"lost {lost}, late {late}, drained {drained}");
        string[] expected = ["AlreadyExists", "NotFound", "NotLeader", "OutcomeUnknown", "Success"];
        Assert.Equal(expected, outcomes.Keys);
        Assert.All(outcomes.Values, n => Assert.True(n > 50, string.Join(", ", outcomes)));
    }

    [Fact]
    public void SameSeed_GivesTheSameLog()
    {
        Run a = Play(7);
        Run b = Play(7);
        Assert.Equal(a.Log.Entries, b.Log.Entries);
        Assert.Equal(a.Sent.Select(s => s.ToldAt), b.Sent.Select(s => s.ToldAt));
        Assert.NotEqual(a.Log.Entries, Play(8).Log.Entries);
    }

    private static Run Play(ulong seed)
    {
        var random = new SeededRandom(seed, 99);
        FaultyProposer? faulty = null;
        RecordingProposer? log = null;
        var world = new WriterWorld(
            [() => new ReplicaController(), () => new TallyController()],
            o =>
            {
                o.MaxEntryBytes = 1024 + random.Next(3000);
                o.MaxEntriesInFlight = 1 + random.Next(5);
                o.MaxCommandsPerTurn = 1 + random.Next(4);
                o.MaxWritesPerController = 1 + random.Next(6);
            },
            mailbox => log = new(faulty = new(mailbox, seed, new() { BadReigns = 8 })),
            seed);
        var run = new Run(world, log!, faulty);
        for (int i = 0; i < 80; i++)
        {
            run.Send($"m{i}", random);
            if (random.Next(3) > 0)
            {
                world.Loop.RunFor(random.NextTimeSpan(TimeSpan.Zero, TimeSpan.FromMilliseconds(60)));
            }

            if (random.Next(25) == 0)
            {
                HandOver(run, random);
            }
        }

        Finish(run);
        return run;
    }

    // Leadership goes elsewhere: as a rule when all is committed, sometimes sooner, for the wait has its limit.
    private static void HandOver(Run run, SeededRandom random)
    {
        StoreWriter writer = run.World.Writer;
        ulong reign = writer.Reign;
        Task drained = writer.DrainAsync();
        run.World.Loop.RunFor(random.NextTimeSpan(TimeSpan.Zero, TimeSpan.FromMilliseconds(200)));
        if (drained.IsCompleted && reign != 0 && writer.Reign == reign)
        {
            run.DrainedInReign++;
            ulong before = writer.Committed.Index;
            run.World.Loop.RunFor(TimeSpan.FromSeconds(1));
            Assert.True(writer.Reign != reign || writer.Committed.Index == before, "wrote after it was drained");
        }

        run.Faulty!.LoseLeadership();
    }

    private static void Finish(Run run)
    {
        StoreWriter writer = run.World.Writer;
        ulong before;
        int rounds = 0;

        // At rest means: nothing more is written, though the longest timer of the controller has passed.
        do
        {
            before = writer.Committed.Index;
            run.World.Loop.RunFor(2 * ReplicaController.StartTime);
        }
        while ((writer.Committed.Index != before || !writer.IsLeading) && ++rounds < 100);

        Assert.True(writer.IsLeading && writer.Counters.IsAtRest);
        Assert.Equal(0, writer.Counters.Alarms);
        Assert.All(run.Sent, s => Assert.True(s.Answer.IsCompleted));
        Assert.Null(EntryVerifier.Difference(run.Log.States[^1].Root, writer.Committed.Root));
        CheckFeed(run);
    }

    // Who follows the feed from the start knows every state that the log had.
    private static void CheckFeed(Run run)
    {
        var known = new Dictionary<(ObjectKind, string), IStoreObject>();
        ulong index = 0;
        while (run.Feed.TryRead(out FeedItem? item))
        {
            Assert.False(item.IsReset);
            Assert.Equal(++index, item.Index);
            foreach (StoreChange change in item.Changes)
            {
                var key = (change.Subject.Kind, change.Subject.Id);
                Assert.Same(known.GetValueOrDefault(key), change.Old);
                known.Remove(key);
                if (change.New is { } added)
                {
                    known.Add(key, added);
                }
            }

        }

        StoreView end = run.World.Writer.Committed;
        IEnumerable<IStoreObject> stored = [.. end.All<Service>(), .. end.All<Api.Task>(), .. end.All<Secret>(), .. end.All<Config>()];
        Assert.Equal(end.Index, index);
        Assert.Equal(stored, known.Values.OrderBy(o => o.Kind).ThenBy(o => o.Id, StringComparer.Ordinal));
    }

    // The version of an object is the index of the entry that wrote it, exactly.
    private static void CheckVersions(Run run)
    {
        for (int i = 0; i < run.Log.Requests.Count; i++)
        {
            foreach (StoreAction action in run.Log.Requests[i]?.Action ?? [])
            {
                if (action.Action != StoreActionKind.StoreActionRemove)
                {
                    Assert.Equal(i + 1, (int)EntryActions.Target(action).Meta!.Version.Index);
                }
            }
        }
    }

    private static void CheckAnswers(Run run)
    {
        Dictionary<string, int> written = run.MarksInLog();
        HashSet<ulong> appended = [];
        foreach (Sent sent in run.Sent)
        {
            bool inLog = written.TryGetValue(sent.Mark, out int index);
            switch (sent.Error)
            {
                case null:
                    (ulong at, Service? service) = sent.Result;
                    Assert.True((int)at <= sent.ToldAt, $"{sent} was answered at {sent.ToldAt}, before its entry {at}");
                    if (sent.Kind == Kind.Append)
                    {
                        Assert.True(run.Log.Requests[(int)at - 1] is null && appended.Add(at), $"{sent}: {at} is another's");
                    }
                    else
                    {
                        Assert.Equal(run.Log.States[(int)at].GetByName<Service>(sent.Name), service);
                        Assert.True(inLog == (sent.Kind != Kind.Look), $"{sent} succeeded; in the log: {inLog}");
                        Assert.True(!inLog || index == (int)at, $"{sent} was written at {index} and answered as of {at}");
                    }

                    break;
                case SwarmErrorCode.OutcomeUnknown:
                    Assert.NotEqual(Kind.Look, sent.Kind);
                    break;
                case SwarmErrorCode.NotLeader:
                    Assert.False(inLog, $"{sent} was told that nothing happened, but entry {index} has it");
                    break;
                case SwarmErrorCode.AlreadyExists:
                    Assert.False(inLog);
                    Assert.NotEqual("", sent.Saw);
                    break;
                case SwarmErrorCode.NotFound:
                    Assert.False(inLog);
                    Assert.True(run.WasAbsent(sent), $"{sent} was told that {sent.Name} is not there, but it was all the time");
                    break;
                default:
                    Assert.Fail($"{sent}: {sent.Error}");
                    break;
            }

            // Whoever was told anything was told of what is committed: that goes for what it rests on too.
            if (sent.Error is null or SwarmErrorCode.AlreadyExists && sent.Saw.Length > 0)
            {
                Assert.True(
                    written.TryGetValue(sent.Saw, out int seen) && seen <= sent.ToldAt,
                    $"{sent} was answered at {sent.ToldAt} by what {sent.Saw} had written, which is in entry {seen}");
                Assert.Equal(seen, (int)sent.SawVersion);
            }
        }
    }

    private static void CheckConverged(Run faulty)
    {
        RecordingProposer? log = null;
        var world = new WriterWorld(
            [() => new ReplicaController(), () => new TallyController()], proposer: mailbox => log = new(new LocalProposer(mailbox)));
        var healthy = new Run(world, log!, null);
        world.Settle();
        Dictionary<string, int> written = faulty.MarksInLog();

        // Within an entry commands stand in the order of sending.
        foreach (Sent sent in faulty.Sent.Where(s => written.ContainsKey(s.Mark)).OrderBy(s => written[s.Mark]))
        {
            healthy.Send(sent.Mark, sent.Kind, sent.Name, sent.Replicas);
            world.Settle();
        }

        Finish(healthy);
        Assert.All(healthy.Sent, s => Assert.Null(s.Error));
        Assert.Equal(healthy.Summary(), faulty.Summary());
        Assert.DoesNotContain(faulty.World.Writer.Committed.All<Api.Task>(), t => t.Status.State != TaskState.Running);
    }

    private enum Kind
    {
        Create,
        Update,
        Remove,
        Look,
        Append,
    }

    private sealed record Sent(string Mark, Kind Kind, string Name, ulong Replicas, int SentAt)
    {
        public Task Answer { get; set; } = null!;

        public (ulong Index, Service? Service) Result => Answer is Task<ulong> appended
            ? (appended.Result, null)
            : ((Task<(ulong, Service?)>)Answer).Result;

        public int ToldAt { get; set; } = -1;

        /// <summary>The mark of the service that the command found when it ran last.</summary>
        public string Saw { get; set; } = "";

        public ulong SawVersion { get; set; }

        public override string ToString() => $"{Mark} ({Kind} {Name}, sent at {SentAt}, told {Error?.ToString() ?? "success"} at {ToldAt})";

        public SwarmErrorCode? Error => Answer.IsFaulted ? ((SwarmException)Answer.Exception!.InnerException!).Code : null;
    }

    private sealed record Run(WriterWorld World, RecordingProposer Log, FaultyProposer? Faulty)
    {
        public List<Sent> Sent { get; } = [];

        public int DrainedInReign { get; set; }

        public FeedReader Feed { get; } = Follow(World.Writer);

        public void Send(string mark, SeededRandom random) =>
            Send(mark, (Kind)random.Next(5), Names[random.Next(Names.Length)], (ulong)random.Next(5));

        public void Send(string mark, Kind kind, string name, ulong replicas)
        {
            var sent = new Sent(mark, kind, name, replicas, (int)World.Writer.Committed.Index);
            Sent.Add(sent);
            sent.Answer = kind == Kind.Append ? World.Writer.AppendAsync("test", mark) : World.Writer.SubmitAsync<(ulong, Service?)>("test", tx =>
            {
                Decide(tx, sent);
                return r => (r.Index, r.GetByName<Service>(name));
            });
            World.Client.RunAsync(async () =>
            {
                await sent.Answer.ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                sent.ToldAt = (int)World.Writer.Committed.Index;
            });
        }

        /// <summary>The index of the entry that carries the write of each command.</summary>
        public Dictionary<string, int> MarksInLog()
        {
            var marks = new Dictionary<string, int>();
            for (int i = 0; i < Log.Requests.Count; i++)
            {
                foreach (StoreAction action in Log.Requests[i]?.Action ?? [])
                {
                    string mark = action.Service?.Spec is not null ? action.Service.Mark() : action.Secret?.Spec?.Annotations.Name ?? "";
                    if (mark.Length > 0)
                    {
                        marks.Add(mark, i + 1);
                    }
                }
            }

            return marks;
        }

        /// <summary>Whether there was no service of a command's name at some moment from its sending to its answer.</summary>
        public bool WasAbsent(Sent sent)
        {
            string? id = Log.States[sent.SentAt].GetByName<Service>(sent.Name)?.Id;
            for (int i = sent.SentAt; id is not null && i < sent.ToldAt; i++)
            {
                // Inside an entry too: commands ran between its actions.
                if (Log.Requests[i] is { } entry && entry.Action.Any(a => a.Action == StoreActionKind.StoreActionRemove && a.Service?.Id == id))
                {
                    return true;
                }
            }

            return id is null;
        }

        public string Summary() => string.Join('\n', World.Writer.Committed.All<Service>().Select(s =>
            $"{s.Spec.Annotations.Name} {s.Mark()}: "
            + string.Join(' ', World.Writer.Committed.TasksByService(s.Id).Select(t => $"{t.Slot}={t.Status.State}"))
            + $" {World.Writer.Committed.Get<Config>(TallyController.IdOf(s.Id))?.Spec.Annotations.Labels["running"]} run").Order())
            + $"\n{World.Writer.Committed.Count<Api.Task>()} tasks, {World.Writer.Committed.Count<Config>()} configs";

        private static FeedReader Follow(StoreWriter writer)
        {
            FeedReader reader = writer.Feed.Subscribe(1_000_000);
            Assert.True(reader.TryRead(out FeedItem? first) && first.IsReset && first.Index == 0);
            return reader;
        }

        private static void Decide(IStoreTransaction tx, Sent sent)
        {
            Service? old = tx.GetByName<Service>(sent.Name);
            (sent.Saw, sent.SawVersion) = (old?.Mark() ?? "", old?.Meta.Version.Index ?? 0);
            switch (sent.Kind)
            {
                case Kind.Create:
                    tx.Create(Make.Service(tx.Ids.NewId(), sent.Name, sent.Replicas, sent.Mark));
                    break;
                case Kind.Update when old is not null:
                    tx.Update(old.WithSpec(Make.Service("", sent.Name, sent.Replicas, sent.Mark).Spec));
                    break;
                case Kind.Remove when old is not null:
                    // A removal leaves its mark in a secret.
                    tx.Remove<Service>(old.Id);
                    tx.Create(Make.Named(ObjectKind.Secret, tx.Ids.NewId(), sent.Mark));
                    break;
                case Kind.Look:
                    break;
                default:
                    throw new SwarmException(SwarmErrorCode.NotFound, "no such service");
            }
        }
    }
}
