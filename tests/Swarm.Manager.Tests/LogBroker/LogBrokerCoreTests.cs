// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Manager.Tests.Brokering;

public sealed class LogBrokerCoreTests
{
    private const long Reader = 1;
    private const long Listener = 2;
    private const long Publisher = 3;

    private readonly TestState _state = new();
    private readonly LogBrokerCore _core = new(
        new LogBrokerOptions { BufferBytes = 64 * 1024, MessageBytes = 16 * 1024, SubscriptionsMax = 2 },
        new SeededIdSource(new SeededRandom(5)));

    private readonly List<LogMessage> _lines = [];
    private readonly List<(long Stream, SubscriptionMessage Message)> _told = [];
    private readonly Dictionary<long, SwarmException?> _closed = [];
    private readonly List<long> _resumed = [];
    private bool _readerReads = true;
    private bool _nodesRead = true;

    public LogBrokerCoreTests()
    {
        _state.Put(TestObjects.Node("n1"));
        _state.Put(TestObjects.Node("n2").WithDescription(new NodeDescription { Hostname = "two" }));
        _state.Put(new Service { Id = "service", Spec = new ServiceSpec { Annotations = new Annotations { Name = "web" } } });
        _state.Put(TestObjects.Task("t1", "n1", TaskState.Running));
        _state.TakeChanges();
        _core.BeginReign(_state.View, _state.Now);
    }

    private string SubscriptionId => _told[^1].Message.Id;

    [Fact]
    public void Subscribe_NodeListens_LinesGoThroughAndTheEndIsSeen()
    {
        Listen(Listener, "n1");
        Subscribe();
        Assert.Equal("service", _told[0].Message.Selector.ServiceIds[0]);

        Publish("n1", Line("hello"));
        Assert.Empty(_closed);
        Publish("n1", close: true);

        Assert.Equal(["hello"], Texts());
        Assert.Null(Assert.Contains(Reader, _closed));
        Assert.True(_told[^1].Message.Close);
        Assert.Equal(0, _core.SubscriptionCount);
        Assert.Null(_core.NextTimer);
    }

    [Fact]
    public void Subscribe_NodeDoesNotListen_SaysSoAndEnds()
    {
        _state.Put(TestObjects.Task("t2", "n2", TaskState.Running));
        Commit();
        Listen(Listener, "n1");

        Subscribe();
        Publish("n1", Line("hello"), close: true);

        Assert.Equal(["node two (n2) is not connected: its lines are missing", "hello"], Texts());
        Assert.Equal("n2", _lines[0].Context.NodeId);
        Assert.Null(Assert.Contains(Reader, _closed));
    }

    [Fact]
    public void Subscribe_NodeLeftTheCluster_SaysThatItsLinesAreLost()
    {
        _state.Remove<Node>("n1");
        Commit();

        Subscribe();

        Assert.Equal(["node n1 has left the cluster: its lines are lost"], Texts());
    }

    [Fact]
    public void Subscribe_TaskWithoutNode_SaysThatItWaits()
    {
        _state.Put(TestObjects.Task("t1", "", TaskState.Pending));
        Commit();

        Subscribe();

        Assert.Equal(["task web.1.t1 has no lines yet: it waits for a node"], Texts());
        Assert.Null(Assert.Contains(Reader, _closed));
    }

    [Fact]
    public void Subscribe_ManyTasksWithoutNodes_AreCountedNotNamed()
    {
        for (int i = 0; i < 130; i++)
        {
            _state.Put(TestObjects.Task("t" + i, "", TaskState.Pending));
        }

        Commit();

        Subscribe();

        Assert.Equal(101, Texts().Count);
        Assert.Equal("30 more tasks have no lines yet: they wait for nodes", Texts()[^1]);
    }

    [Fact]
    public void Subscribe_Nothing_IsRefused()
    {
        Subscribe(selector: new LogSelector());

        Assert.Equal(SwarmErrorCode.InvalidArgument, _closed[Reader]!.Code);
    }

    [Theory]
    [InlineData("service")]
    [InlineData("task")]
    [InlineData("node")]
    public void Subscribe_UnknownObject_IsNotFound(string kind)
    {
        var selector = new LogSelector();
        (kind switch { "service" => selector.ServiceIds, "task" => selector.TaskIds, _ => selector.NodeIds }).Add("x");

        Subscribe(selector: selector);

        Assert.Equal((SwarmErrorCode.NotFound, $"{kind} x not found"), (_closed[Reader]!.Code, _closed[Reader]!.Message));
    }

    [Fact]
    public void Subscribe_TooMany_IsRefused()
    {
        Subscribe(follow: true, stream: 11);
        Subscribe(follow: true, stream: 12);
        Subscribe(follow: true, stream: 13);

        Assert.Equal(SwarmErrorCode.ResourceExhausted, Assert.Single(_closed).Value!.Code);
    }

    [Fact]
    public void Follow_TaskMovesToAnotherNode_ThatNodeIsAskedToo()
    {
        Listen(Listener, "n1");
        Listen(12, "n2");
        Subscribe(follow: true);
        Publish("n1", Line("one"));

        _state.Put(TestObjects.Task("t2", "n2", TaskState.Assigned));
        Commit();

        Assert.Equal(12, _told[^1].Stream);
        Publish("n2", [Line("two", "n2")], publisher: 13);
        Assert.Equal(["one", "two"], Texts());
        Assert.Empty(_closed);
    }

    [Fact]
    public void Follow_NodeComesBack_IsAskedForWhatCameAfterItsLastLine()
    {
        Listen(Listener, "n1");
        Subscribe(follow: true, tail: -11);
        Publish("n1", Line("one", second: 5));
        Close(Publisher, "n1");
        _core.OnStreamClosed(Listener, _state.Now);
        Settle();

        Listen(12, "n1");

        Assert.Equal(12, _told[^1].Stream);
        Assert.Equal(0, _told[^1].Message.Options.Tail);
        Assert.Equal(50_000_001 * 100L, _told[^1].Message.Options.Since.Seconds * 1_000_000_000 + _told[^1].Message.Options.Since.Nanos);
        Assert.Equal(["one", "node n1 broke off: lines may be missing", "node n1 disconnected: its lines are missing"], Texts());
    }

    [Theory]
    [InlineData(long.MaxValue, -1)]
    [InlineData(253_402_300_799, 999_999_999)]
    public void Follow_LineWithATimeThatIsNone_HarmsNobodyWhenItsNodeComesBack(long seconds, int nanos)
    {
        Listen(Listener, "n1");
        Subscribe(follow: true);
        LogMessage line = Line("one");
        line.Timestamp = new Timestamp { Seconds = seconds, Nanos = nanos };
        Publish("n1", line);
        Close(Publisher, "n1");
        _core.OnStreamClosed(Listener, _state.Now);
        Settle();

        Listen(12, "n1");

        Assert.Equal(12, _told[^1].Stream);
        Assert.Null(_told[^1].Message.Options.Since);
    }

    [Fact]
    public void Follow_NodeWithoutSession_IsAskedWhenItComes()
    {
        Subscribe(follow: true);
        Assert.Equal(["node n1 is not connected: its lines are missing"], Texts());

        Listen(Listener, "n1");
        Publish("n1", Line("late"));

        Assert.Equal("late", Texts()[^1]);
    }

    [Fact]
    public void Listener_GoneBeforeItAnswered_ReaderIsToldAndEnds()
    {
        Listen(Listener, "n1");
        Subscribe();

        _core.OnStreamClosed(Listener, _state.Now);
        Settle();

        Assert.Equal(["node n1 disconnected: its lines are missing"], Texts());
        Assert.Null(Assert.Contains(Reader, _closed));
    }

    [Fact]
    public void Publisher_BreaksOff_ReaderIsToldAndEnds()
    {
        Listen(Listener, "n1");
        Subscribe();
        Publish("n1", Line("one"));

        Close(Publisher, "n1");

        Assert.Equal(["one", "node n1 broke off: lines may be missing"], Texts());
        Assert.Null(Assert.Contains(Reader, _closed));
    }

    [Fact]
    public void Node_NeverAnswers_ReaderIsToldAndEnds()
    {
        Listen(Listener, "n1");
        Subscribe();

        _core.OnTimer(_state.Now + TimeSpan.FromSeconds(30));
        Settle();

        Assert.Equal(["node n1 does not answer: its lines are missing"], Texts());
        Assert.Null(Assert.Contains(Reader, _closed));
    }

    [Fact]
    public void Publish_LinesOfAnotherNode_IsDenied()
    {
        Listen(Listener, "n1");
        Subscribe();

        SwarmException e = Assert.Throws<SwarmException>(() => Publish("n1", Line("x", "n2")));

        Assert.Equal(SwarmErrorCode.PermissionDenied, e.Code);
    }

    [Fact]
    public void Publish_ByANodeThatWasNotAsked_IsRefused()
    {
        Listen(Listener, "n1");
        Subscribe();

        Assert.Equal(SwarmErrorCode.NotFound, Assert.Throws<SwarmException>(() => Publish("n2", Line("x", "n2"))).Code);
    }

    [Fact]
    public void Publish_AfterTheReaderLeft_IsRefusedAndTheNodeIsToldToEnd()
    {
        Listen(Listener, "n1");
        Subscribe(follow: true);
        string id = SubscriptionId;

        _core.OnStreamClosed(Reader, _state.Now);
        Settle();

        Assert.Equal((id, true), (_told[^1].Message.Id, _told[^1].Message.Close));
        Assert.Throws<SwarmException>(() => Publish("n1", [Line("x")], id: id));
    }

    [Fact]
    public void SlowReader_BufferFull_NodeWaitsThenGoesOn()
    {
        Listen(Listener, "n1");
        _readerReads = false;
        Subscribe();
        int accepted = PublishUntilBlocked();

        _readerReads = true;
        Drain(Reader);

        Assert.Equal([Publisher], _resumed);
        Assert.Equal(accepted, _lines.Count);
        Publish("n1", Line("on"), close: true);
        Assert.Equal("on", Texts()[^1]);
    }

    [Fact]
    public void SlowReader_ForTooLong_LinesAreDroppedAndCounted()
    {
        Listen(Listener, "n1");
        _readerReads = false;
        Subscribe(follow: true);
        int accepted = PublishUntilBlocked();

        _core.OnTimer(_state.Now + TimeSpan.FromSeconds(10));
        Settle();
        Assert.Equal([Publisher], _resumed);
        for (int i = 0; i < 7; i++)
        {
            Publish("n1", Line("lost"));
        }

        _readerReads = true;
        Drain(Reader);
        Publish("n1", Line("after"));

        Assert.Equal(accepted + 2, _lines.Count);
        Assert.Contains("… 7 lines dropped: this reader was too slow", Texts());
        Assert.Equal("after", Texts()[^1]);
        Assert.DoesNotContain("lost", Texts());
    }

    [Fact]
    public void SlowReader_NodeThatBreaksOffAgainAndAgain_FillsNoMoreThanTheBuffer()
    {
        Listen(Listener, "n1");
        _readerReads = false;
        Subscribe(follow: true);
        for (int i = 0; i < 10_000; i++)
        {
            TryPublish("n1", [Line("a line", second: 1 + i)], close: false, 100 + i, SubscriptionId);
            Close(100 + i, "n1");
            _core.OnTimer(_state.Now + TimeSpan.FromHours(1));
        }

        _readerReads = true;
        Drain(Reader);

        Assert.InRange(_lines.Sum(line => line.CalculateSize()), 32 * 1024, 96 * 1024);
        Assert.Contains(Texts(), text => text.EndsWith("lines dropped: this reader was too slow", StringComparison.Ordinal));
    }

    [Fact]
    public void SlowListener_ManySubscriptions_IsToldOneAtATimeAndNotOfThoseThatEnded()
    {
        _nodesRead = false;
        Listen(Listener, "n1");
        Subscribe(follow: true, stream: 11);
        Subscribe(follow: true, stream: 12);
        _core.OnStreamClosed(12, _state.Now);
        Settle();
        Assert.Single(_told);

        _nodesRead = true;
        Drain(Listener);

        Assert.Single(_told);
    }

    [Fact]
    public void Listen_Twice_ClosesTheOlder()
    {
        Listen(Listener, "n1");
        Subscribe();

        Listen(12, "n1");

        Assert.Equal(SwarmErrorCode.Aborted, _closed[Listener]!.Code);
        Assert.Equal(12, _told[^1].Stream);
    }

    [Fact]
    public void EndReign_AllStreams_AreClosed()
    {
        Listen(Listener, "n1");
        Subscribe(follow: true);

        _core.EndReign();
        Settle();

        Assert.Equal(SwarmErrorCode.NotLeader, _closed[Reader]!.Code);
        Assert.Equal(SwarmErrorCode.NotLeader, _closed[Listener]!.Code);
        Assert.Null(_core.NextTimer);
    }

    private static LogMessage Line(string text, string node = "n1", int second = 1) => new()
    {
        Context = new LogContext { NodeId = node, TaskId = "t1", ServiceId = "service" },
        Timestamp = new Timestamp { Seconds = second },
        Data = ByteString.CopyFromUtf8(text + "\n"),
    };

    private int PublishUntilBlocked()
    {
        for (int i = 0; i < 1000; i++)
        {
            if (!TryPublish("n1", [Line(new string('x', 1000))], false, Publisher, SubscriptionId))
            {
                return i;
            }
        }

        throw new InvalidOperationException("never blocked");
    }

    private List<string> Texts() => [.. _lines.Select(line => line.Data.ToStringUtf8().TrimEnd('\n'))];

    private void Subscribe(bool follow = false, LogSelector? selector = null, long stream = Reader, long tail = 0)
    {
        var options = new LogSubscriptionOptions { Follow = follow, Tail = tail };
        _core.Subscribe(stream, selector ?? new LogSelector { ServiceIds = { "service" } }, options, _state.Now);
        Settle();
    }

    private void Listen(long stream, string node)
    {
        _core.Listen(stream, node);
        Settle();
    }

    private void Publish(string node, LogMessage? line = null, bool close = false) =>
        Assert.True(TryPublish(node, line is null ? [] : [line], close, Publisher, SubscriptionId));

    private void Publish(string node, LogMessage[] lines, long publisher = Publisher, string? id = null) =>
        Assert.True(TryPublish(node, lines, false, publisher, id ?? SubscriptionId));

    private bool TryPublish(string node, LogMessage[] lines, bool close, long publisher, string id)
    {
        var message = new PublishLogsMessage { SubscriptionId = id, Close = close };
        message.Messages.AddRange(lines);
        bool accepted = _core.Publish(publisher, node, message, _state.Now);
        Settle();
        return accepted;
    }

    private void Close(long publisher, string node)
    {
        _core.OnPublisherClosed(publisher, node, _state.Now);
        Settle();
    }

    private void Commit()
    {
        _core.OnChanges(_state.View, _state.TakeChanges(), _state.Now);
        Settle();
    }

    private void Drain(long stream)
    {
        _core.OnDrained(stream, _state.Now);
        Settle();
    }

    private void Settle()
    {
        for (IReadOnlyList<LogBrokerOutput> outputs = _core.TakeOutputs(); outputs.Count > 0; outputs = _core.TakeOutputs())
        {
            foreach (LogBrokerOutput output in outputs)
            {
                CarryOut(output);
            }
        }
    }

    private void CarryOut(LogBrokerOutput output)
    {
        switch (output)
        {
            case LogBrokerOutput.SendLines send:
                _lines.AddRange(send.Message.Messages);
                if (_readerReads)
                {
                    _core.OnDrained(send.Stream, _state.Now);
                }

                break;
            case LogBrokerOutput.SendSubscription send:
                _told.Add((send.Stream, send.Message));
                if (_nodesRead)
                {
                    _core.OnDrained(send.Stream, _state.Now);
                }

                break;
            case LogBrokerOutput.CloseStream close:
                _closed.Add(close.Stream, close.Reason);
                _core.OnStreamClosed(close.Stream, _state.Now);
                break;
            case LogBrokerOutput.ResumePublisher resume:
                _resumed.Add(resume.Publisher);
                break;
        }
    }
}
