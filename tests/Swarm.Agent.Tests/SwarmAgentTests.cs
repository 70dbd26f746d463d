// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Grpc.Core;
using Swarm.Agent.Tests.Fakes;
using Swarm.Api;
using Swarm.Runtime;

namespace Swarm.Agent.Tests;

public sealed class SwarmAgentTests
{
    private readonly FakeManager _manager = new("a:1");
    private readonly AgentWorld _world;

    public SwarmAgentTests() => _world = new AgentWorld(7, _manager);

    [Fact]
    public void StartAsync_ManagerThere_JoinsInTheOrderOfTheProtocol()
    {
        _world.Options.EngineLabels["zone"] = "east";
        _world.Options.TlsInfo = static () => new NodeTLSInfo { TrustRoot = ByteString.CopyFromUtf8("root") };
        _world.Executors = [_world.Executor, new FakeExecutor("other")];
        _world.Start();
        _world.Until(() => _manager.Calls.Count >= 4, "the calls of a session");

        Assert.Equal(["Session", "Heartbeat", "ListenSubscriptions", "Assignments"], _manager.Calls.Take(4));
        NodeDescription description = _manager.Session.Request.Description;
        Assert.Equal(("host-1", "linux", "east"), (description.Hostname, description.Platform.Os, description.Engine.Labels["zone"]));
        Assert.Equal("root", description.TlsInfo.TrustRoot.ToStringUtf8());
        Assert.Equal(["Runtime/fake", "Runtime/other"], description.Engine.Plugins.Select(static plugin => $"{plugin.Type}/{plugin.Name}"));
        Assert.Contains("configure node-1", _world.Executor.Calls);
        Assert.Contains("opened a:1-s1 a:1", _world.Observer.Events);
        _world.For(TimeSpan.FromSeconds(31));
        Assert.InRange(_manager.Session.Heartbeats, 6, 8);
        Assert.Single(_manager.Sessions);
    }

    [Fact]
    public void Assignments_TaskWithSecret_RunsAndReportsEachState()
    {
        Api.Task task = Samples.Task("t1");
        task.Spec.ResourceReferences.Add(new ResourceReference { ResourceId = "x", ResourceType = ResourceType.Secret });
        Assign(Samples.Put(task), Samples.Put(new Secret { Id = "x" }));
        _world.Start();
        Reported("t1", TaskState.Running);

        Assert.Equal("x", _world.Executor.World["t1"].SecretSeen);
        TaskState[] states = [.. _manager.Session.States("t1")];
        Assert.Equal(states.Distinct().Order(), states);
        TaskStatus running = _manager.Session.Last("t1")!;
        Assert.Equal((7, "started"), (running.Container.Pid, running.Message));
        Assert.NotNull(running.Timestamp);

        _world.Executor.World["t1"].End(3);
        Reported("t1", TaskState.Failed);
        Assert.Equal(3, _manager.Session.Last("t1")!.Container.ExitCode);
        Assert.Contains("3", _manager.Session.Last("t1")!.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void Assignments_DesiredStateGrows_ShutsDownAndThenForgets()
    {
        Assign(Samples.Put(Samples.Task("t1")));
        _world.Start();
        Reported("t1", TaskState.Running);

        Send(Samples.Incremental("1", "2", Samples.Put(Samples.Task("t1", TaskState.Remove))));
        Reported("t1", TaskState.Shutdown);
        Assert.False(_world.Executor.World["t1"].IsRunning);
        Assert.Single(_world.Store.Tasks);

        Send(Samples.Incremental("2", "3", Samples.RemoveTask("t1")));
        _world.Until(() => _world.Store.Tasks.Count == 0, "the task to be forgotten");
        Assert.True(_world.Executor.World["t1"].IsRemoved);
        _world.Until(() => _world.Executor.Calls.Contains("close t1"), "the controller to be closed");
    }

    [Fact]
    public void Assignments_Gap_OpensTheStreamAnewInTheSameSession()
    {
        Assign(Samples.Put(Samples.Task("t1")), Samples.Put(Samples.Task("t2")));
        _world.Start();
        Reported("t2", TaskState.Running);

        Assign(Samples.Put(Samples.Task("t2")), Samples.Put(Samples.Task("t3")));
        Send(Samples.Incremental("5", "6", Samples.RemoveTask("t2")));
        Reported("t3", TaskState.Running);

        Assert.Single(_manager.Sessions);
        Assert.Equal(2, _manager.Session.Assignments.Count);
        Assert.True(_manager.Session.Assignments[0].IsOver);
        _world.Until(() => _world.Store.Tasks.Count == 2, "the task taken away to be forgotten");
        Assert.True(_world.Executor.World["t1"].IsRemoved);
        Assert.True(_world.Executor.World["t2"].IsRunning);
    }

    [Fact]
    public void Assignments_StreamThatAlwaysBeginsWithAGap_LosesTheSession()
    {
        _manager.Assigned = static () => Samples.Incremental("1", "2");
        _world.Start();
        _world.Until(() => _world.Observer.Events.Contains("lost Aborted"), "the session to be lost");
    }

    [Fact]
    public void Crash_NoManagerReachable_TasksGoOnAndAreNotStartedTwice()
    {
        Assign(Samples.Put(Samples.Task("t1")), Samples.Put(Samples.Task("done")));
        _world.Start();
        Reported("t1", TaskState.Running);
        Reported("done", TaskState.Running);
        _world.Executor.World["done"].End(0);
        Reported("done", TaskState.Complete);
        _world.Crash();
        _manager.Crash();
        _world.Executor.World["stray"] = new FakeWork { IsRunning = true, Starts = 1 };

        _world.Start();
        _world.For(TimeSpan.FromMinutes(10));

        Assert.Contains("reconcile done,t1", _world.Executor.Calls);
        Assert.False(_world.Executor.World["stray"].IsRunning);
        Assert.True(_world.Executor.World["t1"].IsRunning);
        Assert.All(["t1", "done"], id => Assert.Equal(1, _world.Executor.World[id].Starts));
        Assert.True(_manager.Calls.Count(static call => call == "Session") > 50, "it must go on trying");

        _manager.IsUp = true;
        Reported("t1", TaskState.Running);
        Reported("done", TaskState.Complete);
        _world.Executor.World["t1"].End(1);
        Reported("t1", TaskState.Failed);
    }

    [Fact]
    public void Crash_TaskTakenAwayMeanwhile_IsRemovedAfterTheRestart()
    {
        Assign(Samples.Put(Samples.Task("t1")));
        _world.Start();
        Reported("t1", TaskState.Running);
        _world.Crash();
        Assign();
        _world.Start();
        _world.Until(() => _world.Store.Tasks.Count == 0, "the task to be forgotten");
        Assert.True(_world.Executor.World["t1"].IsRemoved);
    }

    [Fact]
    public void SessionLost_OtherManagerThere_OpensAnewAndReportsEverythingAgain()
    {
        var other = new FakeManager("b:1");
        var world = new AgentWorld(3, _manager, other);
        Assign(Samples.Put(Samples.Task("t1")));
        other.Assigned = _manager.Assigned;
        world.Start();
        world.Until(() => Last(_manager) == TaskState.Running || Last(other) == TaskState.Running, "the task to run");
        (FakeManager first, FakeManager second) = Last(_manager) == TaskState.Running ? (_manager, other) : (other, _manager);

        first.Crash();
        world.Until(() => Last(second) == TaskState.Running, "the other manager to be told");

        Assert.Equal(1, world.Executor.World["t1"].Starts);
        Assert.Equal(1, world.Connector.Open);
        Assert.Contains("lost Unavailable", world.Observer.Events);
        static TaskState? Last(FakeManager manager) => manager.Sessions.LastOrDefault()?.Last("t1")?.State;
    }

    [Fact]
    public void SessionSilent_FirstMessageOrHeartbeatMissing_TriesAgain()
    {
        _manager.Answers = false;
        _world.Start();
        _world.Until(() => _world.Observer.Events.Contains("lost DeadlineExceeded"), "the attempt to be given up");
        _manager.Answers = true;
        _manager.AnswersHeartbeats = false;
        _world.Until(() => _manager.Sessions.Count >= 3 && _manager.Session.Heartbeats > 0, "a session that gets no heartbeat answered");
        Assert.Equal(1, _world.Connector.Open);
    }

    [Fact]
    public void Session_ManagerWithoutLogBroker_StaysOpen()
    {
        _manager.HasLogBroker = false;
        Assign(Samples.Put(Samples.Task("t1")));
        _world.Start();
        Reported("t1", TaskState.Running);
        Assert.Single(_manager.Sessions);
    }

    [Fact]
    public void Session_ChangesOfNodeManagersKeysAndRoot_ReachObserverAndExecutors()
    {
        _world.Start();
        _world.Until(() => _manager.Sessions.Count == 1, "a session");
        _manager.Session.Messages.Send(new SessionMessage
        {
            Node = new Node { Id = "node-1", Role = NodeRole.Manager },
            Managers = { Samples.Peers("a:1", "c:1") },
            RootCA = ByteString.CopyFromUtf8("pem"),
            NetworkBootstrapKeys = { new EncryptionKey() },
        });
        _world.Until(() => _world.Executor.Calls.Contains("keys 1"), "the keys to reach the executor");
        string[] expected = ["node Manager", "managers a:1,c:1", "root pem", "keys 1"];
        Assert.Superset(expected.ToHashSet(), _world.Observer.Events.ToHashSet());
    }

    [Fact]
    public void Session_DescriptionChanges_ReopensWithTheSameIdAndTasksGoOn()
    {
        Assign(Samples.Put(Samples.Task("t1")));
        _world.Start();
        Reported("t1", TaskState.Running);
        _world.Executor.Description.Resources.MemoryBytes *= 2;
        _world.Until(() => _manager.Sessions.Count == 2, "the session to be opened anew");
        Assert.Equal(_manager.Sessions[0].Id, _manager.Session.Request.SessionId);
        Assert.DoesNotContain(_world.Observer.Events, static text => text.StartsWith("lost", StringComparison.Ordinal));
        Reported("t1", TaskState.Running);
    }

    [Fact]
    public void ReopenSession_CertificateRenewed_MovesToANewConnection()
    {
        _world.Start();
        _world.Until(() => _manager.Calls.Contains("Assignments"), "a session");
        _world.Agent.ReopenSession();
        _world.Until(() => _manager.Sessions.Count == 2, "the session to be opened anew");
        Assert.Equal(_manager.Sessions[0].Id, _manager.Session.Request.SessionId);
        _world.For(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _world.Connector.Open);
    }

    [Fact]
    public void Task_NoExecutorForIt_IsRejectedAndSaysWhy()
    {
        Assign(Samples.Put(Samples.Task("t1", kind: "docker")), Samples.Put(Samples.Task("t2")));
        _world.Start();
        Reported("t1", TaskState.Rejected);
        Assert.Contains("'docker' (it has: fake)", _manager.Session.Last("t1")!.Err, StringComparison.Ordinal);
        Reported("t2", TaskState.Running);
    }

    [Fact]
    public void Task_ExecutorThrowsAnything_ConcernsThisTaskOnly()
    {
        _world.Executor.Failures["create t1"] = new([new NotSupportedException("no such thing")]);
        _world.Executor.Failures["prepare t2"] = new([new TaskControllerException(TaskControllerErrorKind.Temporary, "registry busy")]);
        _world.Executor.Failures["start t3"] = new([new InvalidOperationException("broken")]);
        Assign([.. Enumerable.Range(1, 4).Select(static i => Samples.Put(Samples.Task($"t{i}")))]);
        _world.Start();
        Reported("t1", TaskState.Rejected);
        Reported("t2", TaskState.Running);
        Reported("t3", TaskState.Failed);
        Reported("t4", TaskState.Running);
        Assert.Equal(("no such thing", "broken"), (_manager.Session.Last("t1")!.Err, _manager.Session.Last("t3")!.Err));
    }

    [Fact]
    public void Task_ChoosesItsPortLate_IsReported()
    {
        Assign(Samples.Put(Samples.Task("t1")));
        _world.Start();
        Reported("t1", TaskState.Running);
        _world.Executor.World["t1"].ListenOn(8080);
        _world.Until(() => _manager.Session.Last("t1")?.PortStatus?.Ports[0].PublishedPort == 8080, "the port to be reported");
        Assert.Equal(TaskState.Running, _manager.Session.Last("t1")!.State);
    }

    [Fact]
    public void Reports_ThousandTasks_GoInFewCalls()
    {
        Assign([.. Enumerable.Range(0, 1000).Select(static i => Samples.Put(Samples.Task($"t{i}")))]);
        _world.Start();
        _world.Until(
            () => _manager.Sessions.Count > 0
                && _manager.Session.Reports.SelectMany(static report => report.Updates)
                    .Where(static update => update.Status.State == TaskState.Running)
                    .DistinctBy(static update => update.TaskId)
                    .Count() == 1000,
            "all tasks to run");
        Assert.InRange(_manager.Session.Reports.Count, 1, 100);
    }

    [Fact]
    public void Reports_OneRefusedOneLost_TheOthersArrive()
    {
        int unavailable = 3;
        _manager.ReportFailure = report => unavailable-- > 0 ? new Status(StatusCode.Unavailable, "no leader")
            : report.Updates.Any(static update => update.TaskId == "t2") ? new Status(StatusCode.PermissionDenied, "not yours")
            : null;
        Assign(Samples.Put(Samples.Task("t1")), Samples.Put(Samples.Task("t2")), Samples.Put(Samples.Task("t3")));
        _world.Start();
        Reported("t1", TaskState.Running);
        Reported("t3", TaskState.Running);
        Assert.Single(_manager.Sessions);
    }

    [Fact]
    public void Reports_SessionForgotten_RegistersAnew()
    {
        int failures = 1;
        _manager.ReportFailure = _ => failures-- > 0 ? new Status(StatusCode.InvalidArgument, "session invalid") : null;
        Assign(Samples.Put(Samples.Task("t1")));
        _world.Start();
        Reported("t1", TaskState.Running);
        Assert.Equal(["", ""], _manager.Sessions.Select(static session => session.Request.SessionId));
    }

    [Fact]
    public void StopAsync_Drain_EndsTasksAndTellsTheManager()
    {
        Assign(Samples.Put(Samples.Task("t1")));
        _world.Start();
        Reported("t1", TaskState.Running);
        _world.Stop(drain: true);
        Assert.False(_world.Executor.World["t1"].IsRunning);
        Assert.Equal(TaskState.Shutdown, _manager.Session.Last("t1")!.State);
        Assert.Equal(0, _world.Connector.Open);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("another", false)]
    [InlineData("departure", true)]
    public void StopAsync_Drain_AnnouncesTheDepartureBeforeTasksEnd_WhereTheManagerTakesThat(string? feature, bool isAnnounced)
    {
        _manager.Features = feature is null ? null : [.. new[] { feature }.Where(static f => f.Length > 0)];
        Assign(Samples.Put(Samples.Task("t1")));
        _world.Start();
        Reported("t1", TaskState.Running);
        int before = _manager.Calls.Count;
        _world.Stop(drain: true);
        string[] calls = [.. _manager.Calls.Skip(before)];
        Assert.Equal(isAnnounced ? ["Capabilities", "Announce"] : ["Capabilities", "UpdateTaskStatus"], calls.Take(2));
        Assert.Equal(isAnnounced ? _world.Options.DrainTimeout : null, _manager.Announcement?.Grace.ToTimeSpan());
        Assert.Equal(TaskState.Shutdown, _manager.Session.Last("t1")!.State);
    }

    [Fact]
    public void StopAsync_DrainThatCannotBeAnnounced_EndsTasksAllTheSame()
    {
        _manager.Features = ["departure"];
        _manager.AnnouncementFailure = new Status(StatusCode.Unavailable, "no leader");
        Assign(Samples.Put(Samples.Task("t1")));
        _world.Start();
        Reported("t1", TaskState.Running);
        _world.Stop(drain: true);
        Assert.Equal(TaskState.Shutdown, _manager.Session.Last("t1")!.State);
    }

    [Fact]
    public void StopAsync_WithoutDraining_AnnouncesNothing()
    {
        _manager.Features = ["departure"];
        _world.Start();
        _world.Stop(drain: false);
        Assert.DoesNotContain("Announce", _manager.Calls);
    }

    [Fact]
    public void StopAsync_DrainOfAStubbornTask_TerminatesItInTheEnd()
    {
        _world.Executor.IsStubborn = true;
        Assign(Samples.Put(Samples.Task("t1")));
        _world.Start();
        Reported("t1", TaskState.Running);
        DateTimeOffset before = _world.Loop.Now;
        _world.Stop(drain: true);
        Assert.InRange(_world.Loop.Now - before, _world.Options.DrainTimeout, _world.Options.DrainTimeout + TimeSpan.FromSeconds(1));
        Assert.False(_world.Executor.World["t1"].IsRunning);
    }

    // The manager replaces what ends while the node still answers, maybe here: without an end, if the node took that on.
    [Fact]
    public void StopAsync_DrainWhileTasksAreAssigned_TakesNoneOfThemOn()
    {
        _world.Executor.IsStubborn = true;
        Assign(Samples.Put(Samples.Task("t1")));
        _world.Start();
        Reported("t1", TaskState.Running);

        Task stopped = _world.Agent.StopAsync(drain: true);
        _world.For(TimeSpan.FromSeconds(1));
        Send(Samples.Incremental("1", "2", Samples.Put(Samples.Task("t2"))));
        _world.Until(() => stopped.IsCompleted, "the agent to stop", TimeSpan.FromMinutes(5));

        Assert.Null(_manager.Session.Last("t2"));
        Assert.DoesNotContain("t2", _world.Executor.World.Keys);
    }

    [Fact]
    public void StopAsync_NoDrain_LeavesTasksForTheNextAgent()
    {
        Assign(Samples.Put(Samples.Task("t1")));
        _world.Start();
        Reported("t1", TaskState.Running);
        _world.Stop(drain: false);
        Assert.True(_world.Executor.World["t1"].IsRunning);
        Assert.Equal(0, _world.Connector.Open);
        long calls = _manager.Calls.Count;
        _world.For(TimeSpan.FromMinutes(1));
        Assert.Equal(calls, _manager.Calls.Count);

        _world.Start();
        _world.Until(() => _manager.Sessions.Count == 2, "a new session");
        Reported("t1", TaskState.Running);
        Assert.Equal(1, _world.Executor.World["t1"].Starts);
    }

    [Fact]
    public void Store_FailsForAWhile_NothingIsStartedBeforeItIsWritten()
    {
        var store = new FaultyStore(_world.Store);
        _world.OtherStore = store;
        Assign(Samples.Put(Samples.Task("t1")));
        store.FailFrom(3);
        _world.Start();
        _world.For(TimeSpan.FromSeconds(20));
        Assert.Equal(0, _world.Executor.World["t1"].Starts);
        Assert.True(_manager.Session.Heartbeats > 2, "the session must go on");
        store.Heal();
        Reported("t1", TaskState.Running);
    }

    [Fact]
    public async Task StartAsync_Twice_IsRefused()
    {
        _world.Start();
        Task again = _world.Agent.StartAsync(CancellationToken.None);
        _world.Until(() => again.IsCompleted, "the refusal");
        await Assert.ThrowsAsync<InvalidOperationException>(() => again);
    }

    [Fact]
    public void Constructor_TwoExecutorsOfOneName_IsRefused()
    {
        _world.Executors = [new FakeExecutor("x"), new FakeExecutor("x")];
        Assert.Contains("'x'", Assert.Throws<ArgumentException>(() => _world.Start()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_WrongValue_IsNamed()
    {
        var empty = new SwarmAgentOptions();
        Assert.Contains("NodeId", Assert.Throws<ArgumentException>(empty.Validate).Message, StringComparison.Ordinal);
        SwarmAgentOptions options = Samples.Options(static o => o.BackoffMax = TimeSpan.Zero);
        Assert.Contains("BackoffMax", Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }

    private void Assign(params AssignmentChange[] changes) => _manager.Assigned = () => Samples.Complete("1", changes);

    private void Send(AssignmentsMessage message) => _manager.Session.Assignments[^1].Send(message);

    private void Reported(string taskId, TaskState state) =>
        _world.Until(() => _manager.Sessions.LastOrDefault()?.Last(taskId)?.State == state, $"task {taskId} to be reported {state}");
}
