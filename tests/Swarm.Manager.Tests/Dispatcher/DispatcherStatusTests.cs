// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Manager.Tests.Dispatching;

public sealed class DispatcherStatusTests
{
    private readonly DispatcherHarness _h;

    public DispatcherStatusTests()
    {
        _h = new DispatcherHarness(new DispatcherOptions { WriteItemsMax = 10, WritesInFlightMax = 2, StatusQueueMax = 50 });
        _h.State.Put(TestObjects.Node("n1"));
        for (int i = 0; i < 30; i++)
        {
            _h.State.Put(TestObjects.Task("t" + i, "n1"));
        }

        _h.State.Put(TestObjects.Task("foreign", "n2"));
        _h.Lead();
    }

    [Theory]
    [InlineData(TaskState.Assigned, TaskState.Accepted, TaskState.Accepted)]
    [InlineData(TaskState.Running, TaskState.Starting, TaskState.Running)]
    [InlineData(TaskState.Running, TaskState.Failed, TaskState.Failed)]
    [InlineData(TaskState.Failed, TaskState.Shutdown, TaskState.Failed)]
    [InlineData(TaskState.Orphaned, TaskState.Running, TaskState.Orphaned)]
    public void Report_OfState_IsStoredUnlessItWouldTakeTheTaskBack(TaskState stored, TaskState reported, TaskState expected)
    {
        _h.State.Put(TestObjects.Task("t", "n1", stored));
        _h.Commit();

        Assert.Null(_h.Report(1, "n1", _h.Register("n1"), ("t", Status(reported))));

        Assert.Equal(expected, _h.State.Get<Api.Task>("t")!.Status.State);
    }

    [Fact]
    public void Report_Stored_CarriesItsStampPortsAndMessage()
    {
        var status = new Api.TaskStatus
        {
            State = TaskState.Running,
            Message = "started",
            PortStatus = new PortStatus { Ports = { new PortConfig { PublishedPort = 8123 } } },
        };

        _h.Report(1, "n1", _h.Register("n1"), ("t1", status));

        Api.TaskStatus stored = _h.State.Get<Api.Task>("t1")!.Status;
        Assert.Equal(("started", 8123u, "manager"), (stored.Message, stored.PortStatus.Ports[0].PublishedPort, stored.AppliedBy));
        Assert.Equal(_h.Now, stored.AppliedAt.ToDateTimeOffset());
    }

    [Fact]
    public void Report_WithATimeThatIsNone_IsStoredWithTheTimeNow()
    {
        var status = new Api.TaskStatus { State = TaskState.Running, Timestamp = new() { Seconds = long.MaxValue, Nanos = -1 } };

        Assert.Null(_h.Report(1, "n1", _h.Register("n1"), ("t1", status)));

        Assert.Equal(_h.Now, _h.State.Get<Api.Task>("t1")!.Status.Timestamp.ToDateTimeOffset());
    }

    [Fact]
    public void Report_SaidBefore_WritesNothing()
    {
        string session = _h.Register("n1");
        _h.Report(1, "n1", session, ("t1", Status(TaskState.Running)));
        ulong version = _h.State.Get<Api.Task>("t1")!.Meta.Version.Index;

        Assert.Null(_h.Report(2, "n1", session, ("t1", Status(TaskState.Running))));

        Assert.Equal(version, _h.State.Get<Api.Task>("t1")!.Meta.Version.Index);
    }

    [Fact]
    public void Report_OfAnotherNodesTask_IsDeniedAndWritesNothing()
    {
        SwarmException? e = _h.Report(
            1, "n1", _h.Register("n1"), ("t1", Status(TaskState.Running)), ("foreign", Status(TaskState.Failed)));

        Assert.Equal(SwarmErrorCode.PermissionDenied, e!.Code);
        Assert.Equal(TaskState.Assigned, _h.State.Get<Api.Task>("t1")!.Status.State);
    }

    [Fact]
    public void Report_OfUnknownTask_IsAccepted()
    {
        _h.Report(1, "n1", _h.Register("n1"), ("gone", Status(TaskState.Running)));

        Assert.Null(Assert.Contains(1L, _h.Answers));
    }

    [Fact]
    public void Report_OfWrongSession_IsRefused()
    {
        _h.Register("n1");

        Assert.Equal("session invalid", _h.Report(1, "n1", "x", ("t1", Status(TaskState.Running)))!.Message);
    }

    [Fact]
    public void Report_WithHugeStatus_IsRefused()
    {
        var status = new Api.TaskStatus { State = TaskState.Failed, Err = new string('x', 70_000) };

        Assert.Equal(SwarmErrorCode.InvalidArgument, _h.Report(1, "n1", _h.Register("n1"), ("t1", status))!.Code);
    }

    [Fact]
    public void Report_BeforeItsWriteIsCommitted_IsNotAnswered()
    {
        string session = _h.Register("n1");
        _h.AutoCommit = false;
        _h.Report(1, "n1", session, ("t1", Status(TaskState.Running)));
        Assert.Empty(_h.Answers);

        _h.CommitPost();

        Assert.Null(Assert.Contains(1L, _h.Answers));
    }

    [Fact]
    public void Report_WriteFails_IsAnsweredWithTheError()
    {
        string session = _h.Register("n1");
        _h.AutoCommit = false;
        _h.Report(1, "n1", session, ("t1", Status(TaskState.Running)));

        _h.CommitPost(new SwarmException(SwarmErrorCode.OutcomeUnknown, "lost"));

        Assert.Equal(SwarmErrorCode.OutcomeUnknown, _h.Answers[1]!.Code);
    }

    [Fact]
    public void Reports_WhileOneIsWritten_AreGatheredFor100Milliseconds()
    {
        string session = _h.Register("n1");
        _h.AutoCommit = false;
        _h.Posted.Clear();
        for (int i = 0; i < 5; i++)
        {
            _h.Report(i, "n1", session, ("t" + i, Status(TaskState.Running)));
        }

        Assert.Equal(1, _h.PostsHeld);
        _h.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal(2, _h.PostsHeld);
        Assert.Equal([1, 4], _h.Posted.Cast<DispatcherCommand.WriteStatuses>().Select(write => write.Statuses.Count));
    }

    [Fact]
    public void Reports_Many_AreCutAndAnsweredWhenTheLastPartIsWritten()
    {
        string session = _h.Register("n1");
        _h.AutoCommit = false;
        _h.Posted.Clear();

        _h.Report(1, "n1", session, [.. Enumerable.Range(0, 25).Select(i => ("t" + i, Status(TaskState.Running)))]);
        Assert.Equal(2, _h.PostsHeld);
        _h.CommitPost();
        _h.CommitPost();
        Assert.Empty(_h.Answers);
        _h.CommitPost();

        Assert.Null(Assert.Contains(1L, _h.Answers));
        Assert.Equal(25, _h.State.View.All<Api.Task>().Count(task => task.Status.State == TaskState.Running));
    }

    [Fact]
    public void Reports_MoreThanMayWait_AreRefused()
    {
        string session = _h.Register("n1");
        _h.AutoCommit = false;
        SwarmException? error = null;
        for (int i = 0; i < 200 && error is null; i++)
        {
            error = _h.Report(i, "n1", session, ("t1", Status(TaskState.Running)));
        }

        Assert.Equal(SwarmErrorCode.Unavailable, error!.Code);
    }

    [Fact]
    public void EndReign_ReportsUnderWay_AreFailed()
    {
        string session = _h.Register("n1");
        _h.AutoCommit = false;
        _h.Report(1, "n1", session, ("t1", Status(TaskState.Running)));
        _h.Report(2, "n1", session, ("t2", Status(TaskState.Running)));

        _h.Core.EndReign();
        _h.Settle();
        _h.CommitPost(new SwarmException(SwarmErrorCode.NotLeader, "late"));

        Assert.Equal([SwarmErrorCode.NotLeader, SwarmErrorCode.NotLeader], _h.Answers.Values.Select(error => error!.Code));
    }

    private static Api.TaskStatus Status(TaskState state) => new() { State = state };
}
