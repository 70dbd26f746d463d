// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Store.Tests.Support;

namespace Swarm.Store.Tests.Writer;

/// <summary>No answer before its cause is committed.</summary>
public sealed class AnswerTests
{
    private readonly WriterWorld _world = new(configure: o => o.MaxCommandsPerTurn = 1);

    [Fact]
    public void Submit_NotLeading_FailsNotLeader()
    {
        Task answer = _world.Write(tx => tx.Create(Make.Service("a", "one")));
        _world.Settle();

        Assert.Equal(SwarmErrorCode.NotLeader, WriterWorld.Refused(answer));
        Assert.False(_world.Writer.IsLeading);
    }

    [Fact]
    public void Success_IsToldAtCommit_WithTheObjectAsItsEntryLeavesIt()
    {
        _world.Lead();
        Task<Service?> answer = _world.Write(tx => tx.Create(Make.Service("a", "one")), "a");
        _world.Settle();
        Assert.False(answer.IsCompleted);
        Assert.Equal(0ul, _world.Writer.Committed.Index);

        _world.CommitNext();

        Assert.Equal(1ul, answer.Result!.Meta.Version.Index);
        Assert.Same(answer.Result, _world.Writer.Committed.Get<Service>("a"));
        Assert.True(_world.Writer.Counters.IsAtRest);
    }

    [Fact]
    public void Success_LaterEntriesInFlight_DoNotShowInTheAnswer()
    {
        _world.Lead();
        Task<Service?> first = _world.Write(tx => tx.Create(Make.Service("a", "one")), "a");
        Task<Service?> second = _world.Write(tx => tx.Remove<Service>("a"), "a");
        _world.Settle();
        Assert.Equal(2, _world.Manual.Proposed.Count);

        _world.CommitNext();
        Assert.Equal("a", first.Result?.Id);
        Assert.False(second.IsCompleted);
        _world.CommitNext();
        Assert.Null(second.Result);
    }

    [Fact]
    public void RefusalAndNoOp_DecidedOnHead_WaitForTheEntryTheyDependOn()
    {
        _world.Lead();
        Task write = _world.Write(tx => tx.Create(Make.Service("a", "one")));
        Task taken = _world.Write(tx => tx.Create(Make.Service("b", "ONE")));
        Task<Service?> nothing = _world.Write(_ => { }, "a");
        _world.Settle();
        Assert.False(write.IsCompleted || taken.IsCompleted || nothing.IsCompleted);

        _world.CommitNext();

        Assert.True(write.IsCompletedSuccessfully);
        Assert.Equal(SwarmErrorCode.AlreadyExists, WriterWorld.Refused(taken));
        Assert.Equal("a", nothing.Result?.Id);
        Assert.Single(_world.Manual.Proposed);
    }

    [Fact]
    public void NoOp_NothingInFlight_IsToldAtOnceFromWhatIsCommitted()
    {
        _world.Lead();
        _world.Write(tx => tx.Create(Make.Service("a", "one")));
        _world.Settle();
        _world.CommitNext();
        Task<Service?> nothing = _world.Write(_ => { }, "a");
        _world.Settle();

        Assert.Equal("a", nothing.Result?.Id);
    }

    [Fact]
    public void Refusal_NothingInFlight_IsToldAtOnce()
    {
        _world.Lead();
        Task answer = _world.Write(tx => tx.Remove<Service>("a"));
        _world.Settle();

        Assert.Equal(SwarmErrorCode.NotFound, WriterWorld.Refused(answer));
    }

    [Fact]
    public void ReignEnds_ProposedIsUnknown_RefusedAndWaitingDidNotHappen()
    {
        var world = new WriterWorld(configure: o =>
        {
            o.MaxCommandsPerTurn = 1;
            o.MaxEntriesInFlight = 1;
        });
        world.Lead(3);
        Task proposed = world.Write(tx => tx.Create(Make.Service("a", "one")));
        world.Settle();
        Task waiting = world.Write(tx => tx.Create(Make.Service("b", "two")));
        world.Settle();
        world.Manual.Listener.ReignEnded(3);
        world.Settle();

        Assert.Equal(SwarmErrorCode.OutcomeUnknown, WriterWorld.Refused(proposed));
        Assert.Equal(SwarmErrorCode.NotLeader, WriterWorld.Refused(waiting));
        Assert.False(world.Writer.IsLeading);
    }

    [Fact]
    public void ReignEnds_RefusalThatWaited_DidNotHappen()
    {
        _world.Lead();
        Task write = _world.Write(tx => tx.Create(Make.Service("a", "one")));
        Task taken = _world.Write(tx => tx.Create(Make.Service("b", "one")));
        _world.Settle();
        _world.Manual.Listener.ReignEnded(1);
        _world.Settle();

        Assert.Equal(SwarmErrorCode.OutcomeUnknown, WriterWorld.Refused(write));
        Assert.Equal(SwarmErrorCode.NotLeader, WriterWorld.Refused(taken));
    }

    [Fact]
    public void NextReign_WaitsForLeftOverEntries_AndBuildsHeadOnThem()
    {
        _world.Lead();
        Task<Service?> lost = _world.Write(tx => tx.Create(Make.Service("a", "one")), "a");
        _world.Settle();
        _world.Manual.Listener.ReignEnded(1);
        _world.Manual.Listener.ReignBegan(2, 1);
        _world.Settle();
        Assert.False(_world.Writer.IsLeading);
        Task early = _world.Write(tx => tx.Update(tx.Get<Service>("a")!.WithPendingDelete(true)));
        _world.Settle();

        _world.CommitNext();

        Assert.Equal(SwarmErrorCode.OutcomeUnknown, WriterWorld.Refused(lost));
        Assert.Equal(2ul, _world.Writer.Reign);
        Assert.NotNull(_world.Writer.Committed.Get<Service>("a"));
        Assert.False(early.IsCompleted);
        _world.CommitNext();
        Assert.True(early.IsCompletedSuccessfully);
        Assert.True(_world.Writer.Committed.Get<Service>("a")!.PendingDelete);
    }

    [Fact]
    public void EntryOfAnotherReignAtAnIndexInFlight_EndsTheReign()
    {
        _world.Lead(5);
        Task lost = _world.Write(tx => tx.Create(Make.Service("a", "one")));
        _world.Settle();
        _world.Manual.Commit(6, new() { Action = { Create(Make.Service("b", "two")) } });
        _world.Settle();

        Assert.Equal(SwarmErrorCode.OutcomeUnknown, WriterWorld.Refused(lost));
        Assert.Equal([5ul], _world.Manual.StoodDown);
        Assert.Null(_world.Writer.Committed.Get<Service>("a"));
        Assert.NotNull(_world.Writer.Committed.Get<Service>("b"));
        Assert.Equal(1, _world.Writer.Counters.Alarms);
    }

    [Fact]
    public void CommandThatThrowsAnotherException_FailsAloneWithAnAlarm()
    {
        _world.Lead();
        Task broken = _world.Write(_ => throw new InvalidOperationException("a defect"));
        Task fine = _world.Write(tx => tx.Create(Make.Service("a", "one")));
        _world.Settle();
        _world.CommitNext();

        Assert.IsType<InvalidOperationException>(broken.Exception?.InnerException);
        Assert.True(fine.IsCompletedSuccessfully);
        Assert.Equal(1, _world.Writer.Counters.Alarms);
    }

    [Fact]
    public void Cancelled_BeforeItsTurn_IsNotCarriedOut()
    {
        using var cancel = new CancellationTokenSource();
        _world.Lead();
        Task<bool> answer = _world.Writer.SubmitAsync<bool>(
            "test",
            tx =>
            {
                tx.Create(Make.Service("a", "one"));
                return _ => true;
            },
            cancel.Token);
        cancel.Cancel();
        _world.Settle();

        Assert.True(answer.IsCanceled);
        Assert.Empty(_world.Manual.Proposed);
    }

    [Fact]
    public void Queue_Full_RefusesAtOnce()
    {
        var world = new WriterWorld(configure: o => o.MaxQueuedCommands = 2);
        world.Lead();
        Task[] answers = [.. Enumerable.Range(0, 3).Select(i => world.Write(tx => tx.Create(Make.Service($"{i}", $"{i}"))))];
        world.Settle();

        Assert.Equal(SwarmErrorCode.ResourceExhausted, WriterWorld.Refused(answers[2]));
        world.CommitNext();
        Assert.True(answers[0].IsCompletedSuccessfully && answers[1].IsCompletedSuccessfully);
    }

    [Fact]
    public void Drain_TakesNoMoreAndEndsWhenNothingIsInFlight()
    {
        _world.Lead();
        Task before = _world.Write(tx => tx.Create(Make.Service("a", "one")));
        _world.Settle();
        Task drained = _world.Writer.DrainAsync();
        Task after = _world.Write(tx => tx.Create(Make.Service("b", "two")));
        _world.Settle();
        Assert.False(drained.IsCompleted);
        Assert.Equal(SwarmErrorCode.NotLeader, WriterWorld.Refused(after));

        _world.CommitNext();

        Assert.True(drained.IsCompletedSuccessfully);
        Assert.True(before.IsCompletedSuccessfully);
    }

    [Fact]
    public void Drain_WhileTheReignIsYetToBegin_HoldsForIt()
    {
        _world.Manual.Listener.ReignBegan(1, 1);
        _world.Settle();
        Task early = _world.Write(tx => tx.Create(Make.Service("a", "one")));
        Task drained = _world.Writer.DrainAsync();
        _world.Settle();
        Task late = _world.Write(tx => tx.Create(Make.Service("b", "two")));
        _world.Manual.Commit(0, null);
        _world.Settle();
        Task later = _world.Write(tx => tx.Create(Make.Service("c", "three")));
        _world.Settle();

        Assert.True(drained.IsCompletedSuccessfully);
        Assert.All([early, late, later], t => Assert.Equal(SwarmErrorCode.NotLeader, WriterWorld.Refused(t)));
        Assert.Empty(_world.Manual.Proposed);
        _world.Lead(2);
        Task next = _world.Write(tx => tx.Create(Make.Service("d", "four")));
        _world.Settle();
        _world.CommitNext();
        Assert.True(next.IsCompletedSuccessfully);
    }

    [Fact]
    public void Append_ForeignEntry_TakesItsPlaceAmongTheVersions()
    {
        _world.Lead();
        Task first = _world.Write(tx => tx.Create(Make.Service("a", "one")));
        Task<ulong> foreign = _world.Writer.AppendAsync("membership", "payload");
        Task<Service?> last = _world.Write(tx => tx.Create(Make.Service("b", "two")), "b");
        _world.Settle();
        Assert.Equal("payload", _world.Manual.Proposed[1].Payload);
        Assert.Null(_world.Manual.Proposed[1].Request);
        _world.CommitNext();
        _world.CommitNext();
        _world.CommitNext();

        Assert.True(first.IsCompletedSuccessfully);
        Assert.Equal(2ul, foreign.Result);
        Assert.Equal(3ul, last.Result!.Meta.Version.Index);
    }

    [Fact]
    public void Dispose_FailsWhoWaits_AndEndsTheFeed()
    {
        _world.Lead();
        using FeedReader reader = _world.Writer.Feed.Subscribe();
        Task answer = _world.Write(tx => tx.Create(Make.Service("a", "one")));
        _world.Settle();
        ValueTask stop = _world.Writer.DisposeAsync();
        _world.Settle();

        Assert.True(stop.IsCompletedSuccessfully);
        Assert.Equal(SwarmErrorCode.OutcomeUnknown, WriterWorld.Refused(answer));
        Assert.True(reader.TryRead(out _));
        Assert.False(reader.WaitAsync().Result);
    }

    internal static StoreAction Create(Service service) => new() { Action = StoreActionKind.StoreActionCreate, Service = service };
}
