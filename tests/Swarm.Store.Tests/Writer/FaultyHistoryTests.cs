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
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (ulong seed = 1; seed <= 120; seed++)
        {
            try
            {
                Run run = Play(seed);
                CheckAnswers(run);
                CheckConverged(run);
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
        Assert.True(lost > 100 && late > 100, $"lost {lost}, late {late}");
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
        Assert.NotEqual(a.Log.Entries, Play(8).Log.Entries);
    }

    private static Run Play(ulong seed)
    {
        var random = new SeededRandom(seed, 99);
        FaultyProposer? faulty = null;
        RecordingProposer? log = null;
        var world = new WriterWorld(
            [() => new ReplicaController()],
            o =>
            {
                o.MaxEntryBytes = 1024 + random.Next(3000);
                o.MaxEntriesInFlight = 1 + random.Next(5);
                o.MaxCommandsPerTurn = 1 + random.Next(4);
                o.MaxWritesPerController = 1 + random.Next(6);
            },
            mailbox => log = new(faulty = new(mailbox, seed)),
            seed);
        var run = new Run(world, log!, faulty);
        for (int i = 0; i < 60; i++)
        {
            run.Send($"m{i}", random);
            world.Loop.RunFor(random.NextTimeSpan(TimeSpan.Zero, TimeSpan.FromMilliseconds(40)));
        }

        Finish(run);
        return run;
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
    }

    private static void CheckAnswers(Run run)
    {
        Dictionary<string, int> written = run.MarksInLog();
        foreach (Sent sent in run.Sent)
        {
            bool inLog = written.TryGetValue(sent.Mark, out int index);
            switch (sent.Error)
            {
                case null:
                    Assert.True(inLog, $"{sent} succeeded, but is not in the log");
                    Assert.True(index <= sent.ToldAt, $"{sent} was answered at {sent.ToldAt}, before its entry {index}");
                    Assert.Equal(index, (int)sent.Answer.Result.Index);
                    Assert.Equal(run.Log.States[index].GetByName<Service>(sent.Name), sent.Answer.Result.Service);
                    break;
                case SwarmErrorCode.OutcomeUnknown:
                    break;
                case SwarmErrorCode.NotLeader:
                    Assert.False(inLog, $"{sent} was told that nothing happened, but entry {index} has it");
                    break;
                case SwarmErrorCode.AlreadyExists:
                    Assert.False(inLog);
                    Assert.Contains(run.StatesWhile(sent), s => s.GetByName<Service>(sent.Name) is not null);
                    break;
                case SwarmErrorCode.NotFound:
                    Assert.False(inLog);
                    Assert.Contains(run.StatesWhile(sent), s => s.GetByName<Service>(sent.Name) is null);
                    break;
                default:
                    Assert.Fail($"{sent}: {sent.Error}");
                    break;
            }
        }
    }

    private static void CheckConverged(Run faulty)
    {
        RecordingProposer? log = null;
        var world = new WriterWorld([() => new ReplicaController()], proposer: mailbox => log = new(new LocalProposer(mailbox)));
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

    private sealed record Sent(string Mark, int Kind, string Name, ulong Replicas, int SentAt, Task<(ulong Index, Service? Service)> Answer)
    {
        public int ToldAt { get; set; } = -1;

        public SwarmErrorCode? Error => Answer.IsFaulted ? ((SwarmException)Answer.Exception!.InnerException!).Code : null;
    }

    private sealed record Run(WriterWorld World, RecordingProposer Log, FaultyProposer? Faulty)
    {
        public List<Sent> Sent { get; } = [];

        public void Send(string mark, SeededRandom random) =>
            Send(mark, random.Next(3), Names[random.Next(Names.Length)], (ulong)random.Next(5));

        public void Send(string mark, int kind, string name, ulong replicas)
        {
            Task<(ulong, Service?)> answer = World.Writer.SubmitAsync<(ulong, Service?)>("test", tx =>
            {
                Service? old = tx.GetByName<Service>(name);
                switch (kind)
                {
                    case 0:
                        tx.Create(Make.Service(tx.Ids.NewId(), name, replicas, mark));
                        break;
                    case 1 when old is not null:
                        tx.Update(old.WithSpec(Make.Service("", name, replicas, mark).Spec));
                        break;
                    case 2 when old is not null:
                        // A removal leaves its mark in a secret.
                        tx.Remove<Service>(old.Id);
                        tx.Create(Make.Named(ObjectKind.Secret, tx.Ids.NewId(), mark));
                        break;
                    default:
                        throw new SwarmException(SwarmErrorCode.NotFound, "no such service");
                }

                return r => (r.Index, r.GetByName<Service>(name));
            });
            var sent = new Sent(mark, kind, name, replicas, (int)World.Writer.Committed.Index, answer);
            Sent.Add(sent);
            World.Client.RunAsync(async () =>
            {
                await ((Task)answer).ConfigureAwait(
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

        /// <summary>The committed states from the sending of a command to its answer.</summary>
        public IEnumerable<StoreView> StatesWhile(Sent sent) => Log.States.Skip(sent.SentAt).Take(sent.ToldAt - sent.SentAt + 1);

        public string Summary() => string.Join('\n', World.Writer.Committed.All<Service>().Select(s =>
            $"{s.Spec.Annotations.Name} {s.Mark()}: "
            + string.Join(' ', World.Writer.Committed.TasksByService(s.Id).Select(t => $"{t.Slot}={t.Status.State}"))).Order())
            + $"\n{World.Writer.Committed.Count<Api.Task>()} tasks";
    }
}
