// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using static Swarm.Api.NodeStatus.Types;

namespace Swarm.Manager.Tests.Dispatching;

/// <summary>A node that says that it leaves.</summary>
public sealed class DispatcherDepartureTests
{
    private const long Call = 77;
    private readonly DispatcherHarness _h = new();

    public DispatcherDepartureTests() => _h.State.Put(TestObjects.Node("n1"));

    [Fact]
    public void Departure_MarksTheNode_AndIsAnsweredOnceTheStateSaysIt()
    {
        (_, string session) = Lead();
        _h.AutoCommit = false;

        Announce(session);
        Assert.Empty(_h.Answers);
        _h.CommitPost();

        Assert.Null(_h.Answers[Call]);
        Assert.True(Stored.IsLeaving());
        Assert.Equal(NodeSpec.Types.Availability.Active, Stored.Spec?.Availability ?? NodeSpec.Types.Availability.Active);
    }

    [Fact]
    public void Departure_SessionEnds_TheNodeIsDownAtOnceWithTheReason_AlsoAfterItsHeartbeatsRanOut()
    {
        (long stream, string session) = Lead();
        Announce(session);

        _h.Core.OnStreamClosed(stream);
        _h.Settle();
        Assert.Equal((State.Down, NodeDeparture.Message), (Stored.Status.State, Stored.Status.Message));
        _h.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((State.Down, NodeDeparture.Message), (Stored.Status.State, Stored.Status.Message));
    }

    [Fact]
    public void Departure_TheSameSessionOpenedAgain_KeepsTheMark()
    {
        (long stream, string session) = Lead();
        Announce(session);
        _h.Core.OnStreamClosed(stream);
        _h.Settle();

        _h.OpenSession("n1", session);

        Assert.True(Stored.IsLeaving());
    }

    [Fact]
    public void Departure_NewSession_EndsTheMark()
    {
        (long stream, string session) = Lead();
        Announce(session);
        _h.Core.OnStreamClosed(stream);
        _h.Settle();

        long second = _h.OpenSession("n1");
        Assert.Equal((State.Ready, ""), (Stored.Status.State, Stored.Status.Message));
        _h.Core.OnStreamClosed(second);
        _h.Settle();
        Assert.Equal(State.Disconnected, Stored.Status.State);
        Assert.False(Stored.IsLeaving());
    }

    [Fact]
    public void Departure_SilentNode_IsDownWhenItsHeartbeatsRunOut()
    {
        (_, string session) = Lead();
        Announce(session);
        _h.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((State.Down, NodeDeparture.Message), (Stored.Status.State, Stored.Status.Message));
    }

    [Fact]
    public void Departure_OfAnotherSession_IsRefused()
    {
        Lead();
        Assert.Equal("session invalid", Assert.Throws<SwarmException>(() => _h.Core.OnDeparture(Call, "n1", "other")).Message);
        Assert.Equal(SwarmErrorCode.NotFound, Assert.Throws<SwarmException>(() => _h.Core.OnDeparture(Call, "n2", "other")).Code);
        Assert.Equal(State.Ready, Stored.Status.State);
    }

    [Theory]
    [InlineData("reign")]
    [InlineData("session")]
    [InlineData("node")]
    public void Departure_OvertakenBeforeItIsWritten_IsAnsweredWithAnError(string by)
    {
        (_, string session) = Lead();
        _h.AutoCommit = false;
        Announce(session);
        switch (by)
        {
            case "reign":
                _h.Core.EndReign();
                _h.Settle();
                break;
            case "session":
                _h.OpenSession("n1");
                break;
            default:
                _h.State.Remove<Node>("n1");
                _h.Commit();
                break;
        }

        Assert.NotNull(_h.Answers[Call]);
    }

    private Node Stored => _h.State.Get<Node>("n1")!;

    private (long Stream, string Session) Lead()
    {
        _h.Lead();
        long stream = _h.OpenSession("n1");
        return (stream, _h.Sessions[^1].Message.SessionId);
    }

    private void Announce(string session)
    {
        _h.Core.OnDeparture(Call, "n1", session);
        _h.Settle();
    }
}
