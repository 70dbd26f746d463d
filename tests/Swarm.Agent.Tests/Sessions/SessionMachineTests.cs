// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Grpc.Core;
using Swarm.Agent.Sessions;
using Swarm.Agent.Tests.Fakes;
using Swarm.Api;

namespace Swarm.Agent.Tests.Sessions;

public sealed class SessionMachineTests
{
    private static readonly NodeDescription Description = new() { Hostname = "host-1" };

    private readonly SessionMachine _machine;
    private DateTimeOffset _now = Samples.Start;

    public SessionMachineTests() => _machine = Make("a:1");

    [Fact]
    public void Step_Started_DescribesThenOpensThenDoesThePartsInOrder()
    {
        Assert.IsType<SessionOutput.ReadDescription>(Assert.Single(Step(new SessionInput.Started())));
        var open = Assert.IsType<SessionOutput.Open>(Assert.Single(Step(new SessionInput.Described(Description))));
        Assert.Equal(("a:1", "", Description), (open.Manager, open.SessionId, open.Description));

        IReadOnlyList<SessionOutput> outputs = Step(new SessionInput.MessageReceived(open.Epoch, Message("s1")));

        Assert.Collection(
            outputs,
            o => Assert.Equal("s1", Assert.IsType<SessionOutput.Opened>(o).SessionId),
            o => Assert.Equal("s1", Assert.IsType<SessionOutput.SendHeartbeat>(o).SessionId),
            o => Assert.IsType<SessionOutput.OpenSubscriptions>(o),
            o => Assert.Equal("s1", Assert.IsType<SessionOutput.OpenAssignments>(o).SessionId));
        Assert.True(_machine.IsOpen);
    }

    [Fact]
    public void Step_NoFirstMessageWithinFiveSeconds_ClosesAndWaits()
    {
        int epoch = Opening();
        Assert.Equal(_now + TimeSpan.FromSeconds(5), _machine.NextDue);

        IReadOnlyList<SessionOutput> outputs = TickAt(TimeSpan.FromSeconds(5));

        Assert.Equal(epoch, Assert.IsType<SessionOutput.Close>(outputs[0]).Epoch);
        var lost = Assert.IsType<SessionOutput.Lost>(outputs[1]);
        Assert.Equal(StatusCode.DeadlineExceeded, lost.Status);
        Assert.Equal(_now + lost.Wait, _machine.NextDue);
    }

    [Fact]
    public void Step_HeartbeatAnswered_NextFollowsByThePeriodAnswered()
    {
        int epoch = Opened();
        Assert.Empty(Step(new SessionInput.HeartbeatAnswered(epoch, TimeSpan.FromSeconds(4.7))));
        Assert.Equal(_now + TimeSpan.FromSeconds(4.7), _machine.NextDue);
        Assert.IsType<SessionOutput.SendHeartbeat>(Assert.Single(TickAt(TimeSpan.FromSeconds(4.7))));
        Assert.Empty(Step(new SessionInput.HeartbeatAnswered(epoch, TimeSpan.Zero)));
        Assert.Equal(_now + TimeSpan.FromSeconds(5), _machine.NextDue);
    }

    [Fact]
    public void Step_HeartbeatNotAnswered_LosesTheSession()
    {
        Opened();
        IReadOnlyList<SessionOutput> outputs = TickAt(TimeSpan.FromSeconds(5));
        Assert.IsType<SessionOutput.Close>(outputs[0]);
        Assert.Equal(SessionPart.Heartbeat, Assert.IsType<SessionOutput.Lost>(outputs[1]).Part);
    }

    [Fact]
    public void Step_RepeatedFailures_WaitsRandomlyBelowAGrowingBound()
    {
        double[] bounds = [0.1, 0.3, 0.7, 1.5, 3.1, 6.3, 8, 8, 8];
        for (ulong seed = 0; seed < 50; seed++)
        {
            SessionMachine machine = Make("a:1", seed);
            Step(machine, new SessionInput.Started());
            var waits = new List<double>();
            foreach (double bound in bounds)
            {
                var open = Assert.IsType<SessionOutput.Open>(Step(machine, new SessionInput.Described(Description))[^1]);
                var ended = new SessionInput.PartEnded(open.Epoch, SessionPart.Session, StatusCode.Unavailable, "gone");
                var lost = Assert.IsType<SessionOutput.Lost>(Step(machine, ended)[^1]);
                Assert.InRange(lost.Wait.TotalSeconds, 0, bound);
                waits.Add(lost.Wait.TotalSeconds / bound);
                _now += lost.Wait;
                Assert.IsType<SessionOutput.ReadDescription>(Assert.Single(Step(machine, new SessionInput.Ticked())));
            }

            Assert.True(waits.Distinct().Count() > 5, "waits must be random");
        }
    }

    [Fact]
    public void Step_FailureAfterSuccess_BacksOffFromTheStart()
    {
        for (int i = 0; i < 8; i++)
        {
            Fail(Opening(started: i > 0));
        }

        Lost(Opened(started: true), out SessionOutput.Lost lost);
        Assert.InRange(lost.Wait, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void Step_DescriptionChanged_ReopensWithTheSameSessionId()
    {
        int epoch = Opened();
        Step(new SessionInput.HeartbeatAnswered(epoch, TimeSpan.FromSeconds(60)));
        Assert.Equal(_now + TimeSpan.FromSeconds(20), _machine.NextDue);
        Assert.IsType<SessionOutput.ReadDescription>(Assert.Single(TickAt(TimeSpan.FromSeconds(20))));
        Assert.Empty(Step(new SessionInput.Described(Description.Clone())));
        Assert.IsType<SessionOutput.ReadDescription>(Assert.Single(TickAt(TimeSpan.FromSeconds(20))));

        var changed = new NodeDescription { Hostname = "host-2" };
        IReadOnlyList<SessionOutput> outputs = Step(new SessionInput.Described(changed));

        Assert.Equal(epoch, Assert.IsType<SessionOutput.Close>(outputs[0]).Epoch);
        var open = Assert.IsType<SessionOutput.Open>(outputs[1]);
        Assert.Equal(("s1", changed), (open.SessionId, open.Description));
        Assert.NotEqual(epoch, open.Epoch);
    }

    [Fact]
    public void Step_Reopen_MovesToANewConnectionThoughNothingChanged()
    {
        Opened();
        Assert.IsType<SessionOutput.ReadDescription>(Assert.Single(Step(new SessionInput.Reopen())));
        Assert.IsType<SessionOutput.Open>(Step(new SessionInput.Described(Description))[1]);
    }

    [Fact]
    public void Step_SubscriptionsUnimplemented_IsTolerated()
    {
        int epoch = Opened();
        Assert.Empty(Step(new SessionInput.PartEnded(epoch, SessionPart.Subscriptions, StatusCode.Unimplemented, "no such method")));
        Assert.True(_machine.IsOpen);
    }

    [Theory]
    [InlineData(SessionPartName.Subscriptions, StatusCode.Unavailable)]
    [InlineData(SessionPartName.Subscriptions, StatusCode.OK)]
    [InlineData(SessionPartName.Assignments, StatusCode.Unimplemented)]
    [InlineData(SessionPartName.Assignments, StatusCode.OK)]
    [InlineData(SessionPartName.Session, StatusCode.Aborted)]
    [InlineData(SessionPartName.Heartbeat, StatusCode.Unavailable)]
    public void Step_AnyOtherPartEnds_LosesTheSessionAndKeepsItsId(SessionPartName part, StatusCode status)
    {
        int epoch = Opened();
        IReadOnlyList<SessionOutput> outputs = Step(new SessionInput.PartEnded(epoch, (SessionPart)part, status, "why"));
        Assert.IsType<SessionOutput.Close>(outputs[0]);
        Assert.IsType<SessionOutput.Lost>(outputs[1]);
        Assert.Equal("s1", NextOpen().SessionId);
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument, "session invalid")]
    [InlineData(StatusCode.NotFound, "node not registered")]
    public void Step_ManagerForgotTheSession_RegistersAnew(StatusCode status, string detail)
    {
        int epoch = Opened();
        Step(new SessionInput.PartEnded(epoch, SessionPart.Heartbeat, status, detail));
        Assert.Equal("", NextOpen().SessionId);
    }

    [Fact]
    public void Step_InputOfAnOlderEpoch_IsIgnored()
    {
        int epoch = Opened();
        Fail(epoch);
        int next = NextOpen().Epoch;
        Assert.Empty(Step(new SessionInput.PartEnded(epoch, SessionPart.Session, StatusCode.Unavailable, "late")));
        Assert.Empty(Step(new SessionInput.MessageReceived(epoch, Message("old"))));
        Assert.IsType<SessionOutput.Opened>(Step(new SessionInput.MessageReceived(next, Message("s2")))[0]);
    }

    [Fact]
    public void Step_Messages_PassOnOnlyWhatChanged()
    {
        int epoch = Opened();
        SessionMessage message = Message("s1");
        message.Node = new Node { Id = "node-1" };
        message.Managers.Add(Samples.Peers("a:1", "b:1"));
        message.RootCA = ByteString.CopyFromUtf8("root");
        message.NetworkBootstrapKeys.Add(new EncryptionKey { Subsystem = "networking:gossip", LamportTime = 1 });

        Assert.Collection(
            Step(new SessionInput.MessageReceived(epoch, message)),
            o => Assert.Equal(2, Assert.IsType<SessionOutput.ManagersChanged>(o).Managers.Count),
            o => Assert.Equal("root", Assert.IsType<SessionOutput.RootCaChanged>(o).Pem.ToStringUtf8()),
            o => Assert.Equal("node-1", Assert.IsType<SessionOutput.NodeChanged>(o).Node.Id),
            o => Assert.Single(Assert.IsType<SessionOutput.KeysChanged>(o).Keys));
        Assert.Empty(Step(new SessionInput.MessageReceived(epoch, message.Clone())));

        SessionMessage promoted = message.Clone();
        promoted.Node.Role = NodeRole.Manager;
        Assert.IsType<SessionOutput.NodeChanged>(Assert.Single(Step(new SessionInput.MessageReceived(epoch, promoted))));
    }

    [Fact]
    public void Step_NoManagerKnown_SaysSoAndTriesAgain()
    {
        SessionMachine machine = Make(null);
        Step(machine, new SessionInput.Started());
        var lost = Assert.IsType<SessionOutput.Lost>(Assert.Single(Step(machine, new SessionInput.Described(Description))));
        Assert.Contains("no manager", lost.Reason, StringComparison.Ordinal);
        Assert.NotNull(machine.NextDue);
    }

    [Fact]
    public void Step_DescriptionDoesNotCome_TriesAgain()
    {
        Step(new SessionInput.Started());
        var lost = Assert.IsType<SessionOutput.Lost>(Assert.Single(TickAt(TimeSpan.FromSeconds(5))));
        Assert.Contains("executor", lost.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Step_Stopped_ClosesAndWantsNothingMore()
    {
        int epoch = Opened();
        Assert.Equal(epoch, Assert.IsType<SessionOutput.Close>(Assert.Single(Step(new SessionInput.Stopped()))).Epoch);
        Assert.Null(_machine.NextDue);
        Assert.Empty(Step(new SessionInput.PartEnded(epoch, SessionPart.Session, StatusCode.Cancelled, "")));
    }

    /// <summary>The parts under public names, for the table above.</summary>
    public enum SessionPartName
    {
        Session = SessionPart.Session,
        Heartbeat = SessionPart.Heartbeat,
        Subscriptions = SessionPart.Subscriptions,
        Assignments = SessionPart.Assignments,
    }

    private static SessionMachine Make(string? manager, ulong seed = 1) =>
        new(Samples.Options(), manager is null ? Samples.Managers() : Samples.Managers(manager), Samples.Random(seed));

    private static SessionMessage Message(string sessionId) => new() { SessionId = sessionId };

    private int Opening(bool started = false)
    {
        if (!started)
        {
            Step(new SessionInput.Started());
            return Assert.IsType<SessionOutput.Open>(Assert.Single(Step(new SessionInput.Described(Description)))).Epoch;
        }

        return NextOpen().Epoch;
    }

    private int Opened(bool started = false)
    {
        int epoch = Opening(started);
        Step(new SessionInput.MessageReceived(epoch, Message("s1")));
        return epoch;
    }

    private void Fail(int epoch) => Lost(epoch, out _);

    private void Lost(int epoch, out SessionOutput.Lost lost) => lost = Assert.IsType<SessionOutput.Lost>(
        Step(new SessionInput.PartEnded(epoch, SessionPart.Session, StatusCode.Unavailable, "gone"))[^1]);

    private SessionOutput.Open NextOpen()
    {
        _now = _machine.NextDue ?? throw new InvalidOperationException("nothing is due");
        Step(new SessionInput.Ticked());
        return Assert.IsType<SessionOutput.Open>(Assert.Single(Step(new SessionInput.Described(Description))));
    }

    private IReadOnlyList<SessionOutput> TickAt(TimeSpan after)
    {
        _now += after;
        return Step(new SessionInput.Ticked());
    }

    private IReadOnlyList<SessionOutput> Step(SessionInput input) => Step(_machine, input);

    private IReadOnlyList<SessionOutput> Step(SessionMachine machine, SessionInput input) => machine.Step(input, _now);
}
