// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;
using static Swarm.Api.NodeStatus.Types;

namespace Swarm.Manager.Tests.Dispatching;

public sealed class DispatcherSessionTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    private readonly DispatcherHarness _h = new();

    public DispatcherSessionTests() => _h.State.Put(TestObjects.Node("n1"));

    [Fact]
    public void OpenSession_KnownNode_SendsNodeManagersAndRootThenWritesReady()
    {
        _h.Core.SetManagers([new WeightedPeer { Peer = new Peer { NodeId = "m1", Addr = "10.0.0.1:4242" }, Weight = 10 }]);
        _h.Lead();

        _h.OpenSession("n1", description: new NodeDescription { Hostname = "one" }, addr: "10.0.0.9");

        SessionMessage first = _h.Sessions[0].Message;
        Assert.Equal(SwarmId.Length, first.SessionId.Length);
        Assert.Equal("n1", first.Node.Id);
        Assert.Equal("root", first.RootCA.ToStringUtf8());
        WeightedPeer manager = Assert.Single(first.Managers);
        Assert.Equal(("m1", "10.0.0.1:4242", 10), (manager.Peer.NodeId, manager.Peer.Addr, manager.Weight));
        Node stored = _h.State.Get<Node>("n1")!;
        Assert.Equal((State.Ready, "10.0.0.9", "one"), (stored.Status.State, stored.Status.Addr, stored.Description.Hostname));
    }

    [Fact]
    public void OpenSession_NodeWritten_SendsTheNewNodeToo()
    {
        _h.Lead();

        _h.OpenSession("n1");

        Assert.Equal(State.Ready, _h.Sessions[^1].Message.Node.Status.State);
    }

    [Fact]
    public void OpenSession_UnknownNode_IsRefused()
    {
        _h.Lead();

        long stream = _h.OpenSession("nobody");

        Assert.Equal((stream, SwarmErrorCode.NotFound, "node not registered: nobody"), Assert.Single(_h.Closed));
    }

    [Fact]
    public void OpenSession_ManagerDoesNotLead_IsRefused()
    {
        long stream = _h.OpenSession("n1");

        Assert.Equal((stream, SwarmErrorCode.NotLeader), (_h.Closed[0].Stream, _h.Closed[0].Code));
    }

    [Fact]
    public void OpenSession_HugeDescription_IsRefused()
    {
        _h.Lead();

        _h.OpenSession("n1", description: new NodeDescription { Hostname = new string('x', 300_000) });

        Assert.Equal(SwarmErrorCode.InvalidArgument, Assert.Single(_h.Closed).Code);
    }

    [Fact]
    public void OpenSession_FourTimesWithinEightSeconds_FourthIsRefusedUntilTheyAreOver()
    {
        _h.Lead();
        for (int i = 0; i < 3; i++)
        {
            _h.OpenSession("n1");
            _h.Advance(TimeSpan.FromSeconds(1));
        }

        _h.Closed.Clear();
        long fourth = _h.OpenSession("n1");
        Assert.Equal(
            (fourth, SwarmErrorCode.Unavailable, "node n1 exceeded rate limit count of registrations"), Assert.Single(_h.Closed));

        _h.Advance(TimeSpan.FromSeconds(5));
        _h.Closed.Clear();
        long fifth = _h.OpenSession("n1");
        Assert.DoesNotContain(_h.Closed, closed => closed.Stream == fifth);
    }

    [Fact]
    public void OpenSession_SecondOfOneNode_ClosesTheFirst()
    {
        _h.Lead();
        long first = _h.OpenSession("n1");

        _h.OpenSession("n1");

        Assert.Equal((first, SwarmErrorCode.Aborted, "node must disconnect"), Assert.Single(_h.Closed));
        Assert.Equal(State.Ready, _h.State.Get<Node>("n1")!.Status.State);
    }

    [Fact]
    public void OpenSession_GoingOnWithASession_KeepsItAndTakesTheNewDescription()
    {
        _h.Lead();
        string session = _h.Register("n1");

        for (int i = 0; i < 5; i++)
        {
            _h.OpenSession("n1", session, new NodeDescription { Hostname = "name" + i });
        }

        Assert.Equal(session, _h.Sessions[^1].Message.SessionId);
        Assert.Equal("name4", _h.State.Get<Node>("n1")!.Description.Hostname);
    }

    [Fact]
    public void Heartbeat_WithoutSession_SaysNodeNotRegistered()
    {
        _h.Lead();

        SwarmException e = Assert.Throws<SwarmException>(() => _h.Core.OnHeartbeat("n1", "x", _h.Now));

        Assert.Equal((SwarmErrorCode.NotFound, "node not registered"), (e.Code, e.Message));
    }

    [Fact]
    public void Heartbeat_OfAnotherSession_SaysSessionInvalid()
    {
        _h.Lead();
        _h.Register("n1");

        SwarmException e = Assert.Throws<SwarmException>(() => _h.Core.OnHeartbeat("n1", "x", _h.Now));

        Assert.Equal((SwarmErrorCode.InvalidArgument, "session invalid"), (e.Code, e.Message));
    }

    [Fact]
    public void Heartbeat_PeriodOfTheCluster_IsVariedByATenth()
    {
        Cluster cluster = TestObjects.Cluster();
        cluster.Spec.Dispatcher.HeartbeatPeriod = Duration.FromTimeSpan(TimeSpan.FromSeconds(10));
        _h.State.Put(cluster);
        _h.Lead();
        string session = _h.Register("n1");

        var periods = Enumerable.Range(0, 200).Select(_ => _h.Core.OnHeartbeat("n1", session, _h.Now)).ToList();

        Assert.All(periods, period => Assert.InRange(period.TotalSeconds, 9, 11));
        Assert.True(periods.Max() - periods.Min() > TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Heartbeat_PeriodOfThousandsOfYears_IsADay()
    {
        Cluster cluster = TestObjects.Cluster();
        cluster.Spec.Dispatcher.HeartbeatPeriod = new Duration { Seconds = 315_576_000_000 };
        _h.State.Put(cluster);
        _h.Lead();
        string session = _h.Register("n1");

        Assert.InRange(_h.Core.OnHeartbeat("n1", session, _h.Now).TotalHours, 21.6, 26.4);
    }

    [Fact]
    public void Heartbeat_MissedThreeTimes_NodeIsDownAndMustDisconnect()
    {
        _h.Lead();
        string session = _h.Register("n1");
        long assignments = _h.OpenAssignments("n1", session);

        _h.Advance(Grace - TimeSpan.FromMilliseconds(1));
        Assert.Equal(State.Ready, _h.State.Get<Node>("n1")!.Status.State);
        _h.Advance(TimeSpan.FromMilliseconds(1));

        NodeStatus status = _h.State.Get<Node>("n1")!.Status;
        Assert.Equal((State.Down, "heartbeat failure"), (status.State, status.Message));
        Assert.Contains(_h.Closed, closed => closed.Stream == assignments && closed.Reason == "node must disconnect");
        Assert.Throws<SwarmException>(() => _h.Core.OnHeartbeat("n1", session, _h.Now));
    }

    [Fact]
    public void Heartbeat_KeptUp_NodeStaysReady()
    {
        _h.Lead();
        string session = _h.Register("n1");

        for (int i = 0; i < 100; i++)
        {
            _h.Advance(_h.Core.OnHeartbeat("n1", session, _h.Now) * 2);
        }

        Assert.Equal(State.Ready, _h.State.Get<Node>("n1")!.Status.State);
        Assert.Empty(_h.Closed);
    }

    [Fact]
    public void SessionStream_Lost_NodeIsDisconnectedThenDown()
    {
        _h.Lead();
        string session = _h.Register("n1");

        _h.Core.OnStreamClosed(_h.Sessions[0].Stream);
        _h.Settle();
        Assert.Equal(State.Disconnected, _h.State.Get<Node>("n1")!.Status.State);
        _h.Core.OnHeartbeat("n1", session, _h.Now + TimeSpan.FromSeconds(10));
        _h.Advance(Grace);

        Assert.Equal(State.Down, _h.State.Get<Node>("n1")!.Status.State);
    }

    [Fact]
    public void SessionStream_LostAndTakenUpAgain_NodeIsReadyWithTheSameSession()
    {
        _h.Lead();
        string session = _h.Register("n1");
        _h.Core.OnStreamClosed(_h.Sessions[0].Stream);
        _h.Settle();

        _h.OpenSession("n1", session);

        Assert.Equal(State.Ready, _h.State.Get<Node>("n1")!.Status.State);
        Assert.Equal(session, _h.Sessions[^1].Message.SessionId);
    }

    [Fact]
    public void BeginReign_ReadyNodes_BecomeUnknownAndGoDownOnlyAfterDoubleGrace()
    {
        _h.State.Put(TestObjects.Node("n1", State.Ready));
        _h.State.Put(TestObjects.Node("n2", State.Disconnected));
        _h.Lead();
        Assert.Equal(State.Unknown, _h.State.Get<Node>("n1")!.Status.State);
        Assert.Equal(State.Unknown, _h.State.Get<Node>("n2")!.Status.State);

        _h.Advance(TimeSpan.FromSeconds(29));
        string session = _h.Register("n2");
        Assert.Equal(State.Unknown, _h.State.Get<Node>("n1")!.Status.State);
        _h.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(State.Down, _h.State.Get<Node>("n1")!.Status.State);
        Assert.Equal(State.Ready, _h.State.Get<Node>("n2")!.Status.State);
        Assert.NotEmpty(session);
    }

    [Fact]
    public void BeginReign_NodeDown_StaysDown()
    {
        _h.State.Put(TestObjects.Node("n1", State.Down));

        _h.Lead();

        Assert.Equal(State.Down, _h.State.Get<Node>("n1")!.Status.State);
    }

    [Fact]
    public void EndReign_OpenStreams_AreClosedAndSessionsForgotten()
    {
        _h.Lead();
        string session = _h.Register("n1");
        _h.OpenAssignments("n1", session);

        _h.Core.EndReign();
        _h.Settle();

        Assert.Equal(2, _h.Closed.Count(closed => closed.Code == SwarmErrorCode.NotLeader));
        Assert.Null(_h.Core.NextTimer);
        Assert.Equal(
            SwarmErrorCode.NotLeader, Assert.Throws<SwarmException>(() => _h.Core.OnHeartbeat("n1", session, _h.Now)).Code);
    }

    [Fact]
    public void NodeRemoved_WithSession_IsDisconnected()
    {
        _h.Lead();
        long stream = _h.OpenSession("n1");

        _h.State.Remove<Node>("n1");
        _h.Commit();

        Assert.Equal((stream, SwarmErrorCode.Aborted, "node must disconnect"), Assert.Single(_h.Closed));
    }

    [Fact]
    public void SessionStream_SlowReader_GetsOnlyTheNewest()
    {
        _h.Lead();
        _h.AutoDrain = false;
        long stream = _h.OpenSession("n1");
        for (int i = 0; i < 20; i++)
        {
            Node node = _h.State.Get<Node>("n1")!;
            _h.State.Put(node.WithDescription(new NodeDescription { Hostname = "name" + i }));
            _h.Commit();
        }

        Assert.Single(_h.Sessions);
        _h.Drain(stream);

        Assert.Equal(2, _h.Sessions.Count);
        Assert.Equal("name19", _h.Sessions[1].Message.Node.Description.Hostname);
    }

    [Fact]
    public void Session_ClusterKeysChange_AreSent()
    {
        _h.Lead();
        _h.OpenSession("n1");
        int before = _h.Sessions.Count;

        _h.State.Put(TestObjects.Cluster().WithNetworkBootstrapKeys([new EncryptionKey { Subsystem = "networking:gossip" }]));
        _h.Commit();
        Cluster unrelated = _h.State.Get<Cluster>("cluster")!;
        _h.State.Put(unrelated.WithSubnetSize(25));
        _h.Commit();

        Assert.Equal(before + 1, _h.Sessions.Count);
        Assert.Equal("networking:gossip", _h.Sessions[^1].Message.NetworkBootstrapKeys[0].Subsystem);
    }

    [Fact]
    public void NodeWrite_Refused_IsTriedAgain()
    {
        _h.Lead();
        _h.AutoCommit = false;
        _h.OpenSession("n1");

        _h.CommitPost(new SwarmException(SwarmErrorCode.ResourceExhausted, "queue full"));
        Assert.Equal(0, _h.PostsHeld);
        _h.Advance(TimeSpan.FromSeconds(1));
        _h.CommitPost();

        Assert.Equal(State.Ready, _h.State.Get<Node>("n1")!.Status.State);
    }

    [Fact]
    public void NodeWrites_WhileOneIsUnderWay_BecomeOneWithTheNewestState()
    {
        _h.State.Put(TestObjects.Node("n2"));
        _h.Lead();
        _h.AutoCommit = false;
        _h.Posted.Clear();
        _h.OpenSession("n1", description: new NodeDescription { Hostname = "one" });
        long second = _h.OpenSession("n2", description: new NodeDescription { Hostname = "two" });
        _h.Core.OnStreamClosed(second);
        _h.Settle();

        Assert.Equal(1, _h.PostsHeld);
        _h.CommitPost();
        Assert.Equal(1, _h.PostsHeld);
        _h.CommitPost();

        Assert.Equal(0, _h.PostsHeld);
        Node node = _h.State.Get<Node>("n2")!;
        Assert.Equal((State.Disconnected, "two"), (node.Status.State, node.Description.Hostname));
    }

    [Fact]
    public void NodeDown_ForADay_TasksAreOrphanedEvenIfTheLeaderChanged()
    {
        _h.State.Put(TestObjects.Node("n1", State.Down));
        _h.State.Put(TestObjects.Task("running", "n1", TaskState.Running));
        _h.State.Put(TestObjects.Task("failed", "n1", TaskState.Failed));
        _h.State.Put(TestObjects.Task("elsewhere", "n2", TaskState.Running));
        _h.Lead();
        _h.Advance(TimeSpan.FromHours(20));
        _h.Lead();

        _h.Advance(TimeSpan.FromHours(3.9));
        Assert.Equal(TaskState.Running, _h.State.Get<Api.Task>("running")!.Status.State);
        _h.Advance(TimeSpan.FromHours(0.2));

        Assert.Equal(TaskState.Orphaned, _h.State.Get<Api.Task>("running")!.Status.State);
        Assert.Equal("manager", _h.State.Get<Api.Task>("running")!.Status.AppliedBy);
        Assert.Equal(TaskState.Failed, _h.State.Get<Api.Task>("failed")!.Status.State);
        Assert.Equal(TaskState.Running, _h.State.Get<Api.Task>("elsewhere")!.Status.State);
    }

    [Fact]
    public void NodeDown_BackBeforeADay_TasksAreKept()
    {
        _h.State.Put(TestObjects.Node("n1", State.Down));
        _h.State.Put(TestObjects.Task("running", "n1", TaskState.Running));
        _h.Lead();
        _h.Advance(TimeSpan.FromHours(23));
        _h.Register("n1");

        _h.Advance(TimeSpan.FromHours(2));

        Assert.Equal(TaskState.Running, _h.State.Get<Api.Task>("running")!.Status.State);
    }
}
