// SPDX-License-Identifier: Apache-2.0
using CsCheck;
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;
using Swarm.Store;
using static Swarm.Api.AssignmentChange.Types;
using MessageType = Swarm.Api.AssignmentsMessage.Types.Type;

namespace Swarm.Manager.Tests.Dispatching;

public sealed class DispatcherAssignmentTests
{
    private readonly DispatcherHarness _h = new();

    public DispatcherAssignmentTests() => _h.State.Put(TestObjects.Node("n1"));

    private List<AssignmentsMessage> Messages => [.. _h.Assignments.Select(sent => sent.Message)];

    [Fact]
    public void Open_NoTasks_SendsAnEmptyCompleteSet()
    {
        Open();

        AssignmentsMessage message = Assert.Single(Messages);
        Assert.Equal((MessageType.Complete, "", "1", 0), (message.Type, message.AppliesTo, message.ResultsIn, message.Changes.Count));
    }

    [Fact]
    public void Open_WithoutSession_IsRefused()
    {
        _h.Lead();

        _h.OpenAssignments("n1", "x");

        Assert.Equal((SwarmErrorCode.NotFound, "node not registered"), (_h.Closed[0].Code, _h.Closed[0].Reason));
    }

    [Fact]
    public void Open_Twice_ClosesTheFirst()
    {
        long first = Open();

        _h.OpenAssignments("n1", _h.Sessions[0].Message.SessionId);

        Assert.Equal(first, Assert.Single(_h.Closed).Stream);
        Assert.All(Messages, message => Assert.Equal(MessageType.Complete, message.Type));
    }

    [Fact]
    public void Open_TasksWithSecrets_SendsSecretsFirstAndOnlyPlacedTasksOfThisNode()
    {
        _h.State.Put(TestObjects.Secret("s1"));
        _h.State.Put(TestObjects.Task("t1", "n1", TaskState.Assigned, "s1"));
        _h.State.Put(TestObjects.Task("pending", "n1", TaskState.Pending));
        _h.State.Put(TestObjects.Task("other", "n2"));

        Open();

        Assert.Equal(["s1", "t1"], Messages[0].Changes.Select(Id));
    }

    [Fact]
    public void Open_GenericTask_GetsWhatItsResourceReferencesName()
    {
        _h.State.Put(TestObjects.Secret("s1"));
        _h.State.Put(TestObjects.Config("c1"));
        Api.Task task = TestObjects.Task("t1", "n1");
        var spec = new TaskSpec { Generic = new GenericRuntimeSpec { Kind = "process" } };
        spec.ResourceReferences.Add(new ResourceReference { ResourceId = "s1", ResourceType = ResourceType.Secret });
        spec.ResourceReferences.Add(new ResourceReference { ResourceId = "c1", ResourceType = ResourceType.Config });
        spec.ResourceReferences.Add(new ResourceReference { ResourceId = "t9", ResourceType = ResourceType.Task });
        _h.State.Put(task.WithSpec(spec));

        Open();

        Assert.Equal(["s1", "c1", "t1"], Messages[0].Changes.Select(Id));
    }

    [Fact]
    public void TaskAssigned_StreamIdle_IsSentAtOnceAsIncrement()
    {
        Open();
        _h.Advance(TimeSpan.FromSeconds(1));

        _h.State.Put(TestObjects.Task("t1", "n1"));
        _h.Commit();

        AssignmentsMessage message = Messages[1];
        Assert.Equal((MessageType.Incremental, "1", "2"), (message.Type, message.AppliesTo, message.ResultsIn));
        Assert.Equal((AssignmentAction.Update, "t1"), (message.Changes[0].Action, Id(message.Changes[0])));
    }

    [Fact]
    public void TasksAssigned_InAShortTime_AreSentTogetherAfter100Milliseconds()
    {
        Open();
        _h.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 5; i++)
        {
            _h.State.Put(TestObjects.Task("t" + i, "n1"));
            _h.Commit();
        }

        Assert.Equal(2, Messages.Count);
        _h.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal(["t1", "t2", "t3", "t4"], Messages[2].Changes.Select(Id));
    }

    [Fact]
    public void TasksAssigned_AHundred_AreNotHeldBack()
    {
        Open();
        _h.Advance(TimeSpan.FromSeconds(1));
        _h.State.Put(TestObjects.Task("first", "n1"));
        _h.Commit();
        for (int i = 0; i < 100; i++)
        {
            _h.State.Put(TestObjects.Task("t" + i, "n1"));
        }

        _h.Commit();

        Assert.Equal(100, Messages[2].Changes.Count);
    }

    [Fact]
    public void TaskStatus_Changes_NothingIsSent()
    {
        Api.Task task = _h.State.Put(TestObjects.Task("t1", "n1"));
        Open();
        foreach (TaskState state in new[] { TaskState.Accepted, TaskState.Running, TaskState.Failed })
        {
            task = _h.State.Put(task.WithState(state));
            _h.Commit();
            _h.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Single(Messages);
    }

    [Fact]
    public void Task_EndsShutsDownAndGoes_IsUpdatedThenRemovedById()
    {
        _h.State.Put(TestObjects.Secret("s1"));
        Api.Task task = _h.State.Put(TestObjects.Task("t1", "n1", TaskState.Running, "s1"));
        Open();
        _h.Advance(TimeSpan.FromSeconds(1));

        task = _h.State.Put(task.WithDesiredState(TaskState.Remove));
        _h.Commit();
        _h.Advance(TimeSpan.FromSeconds(1));
        _h.State.Put(task.WithState(TaskState.Shutdown));
        _h.Commit();
        _h.Advance(TimeSpan.FromSeconds(1));
        _h.State.Remove<Api.Task>("t1");
        _h.Commit();

        AssignmentChange stop = Messages[1].Changes[0];
        Assert.Equal((AssignmentAction.Update, TaskState.Remove), (stop.Action, stop.Assignment.Task.DesiredState));
        Assert.Equal((AssignmentAction.Remove, "s1"), (Messages[2].Changes[0].Action, Id(Messages[2].Changes[0])));
        Assert.Equal(
            new AssignmentChange { Action = AssignmentAction.Remove, Assignment = new Assignment { Task = new Api.Task { Id = "t1" } } },
            Assert.Single(Messages[3].Changes));
    }

    [Fact]
    public void Secret_OfTwoTasks_GoesWithTheLastOne()
    {
        _h.State.Put(TestObjects.Secret("s1"));
        Api.Task one = _h.State.Put(TestObjects.Task("t1", "n1", TaskState.Running, "s1"));
        Api.Task two = _h.State.Put(TestObjects.Task("t2", "n1", TaskState.Running, "s1"));
        Open();

        _h.State.Put(one.WithState(TaskState.Complete));
        _h.Commit();
        _h.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(Messages);
        _h.State.Put(two.WithState(TaskState.Failed));
        _h.Commit();

        Assert.Equal("s1", Id(Assert.Single(Messages[1].Changes)));
    }

    [Fact]
    public void Secret_Appears_IsSentToItsUser()
    {
        _h.State.Put(TestObjects.Task("t1", "n1", TaskState.Assigned, "missing1"));
        Open();
        _h.Advance(TimeSpan.FromSeconds(1));

        _h.State.Put(TestObjects.Secret("missing1"));
        _h.Commit();

        Assert.Equal("missing1", Id(Assert.Single(Messages[1].Changes)));
    }

    [Fact]
    public void SlowReader_AnyNumberOfChanges_GetsOneDifference()
    {
        _h.Lead();
        string session = _h.Register("n1");
        _h.AutoDrain = false;
        long stream = _h.OpenAssignments("n1", session);
        for (int i = 0; i < 500; i++)
        {
            Api.Task task = TestObjects.Task("t" + (i % 3), "n1");
            _h.State.Put(task.WithSlot((ulong)i));
            _h.Commit();
            _h.Advance(TimeSpan.FromSeconds(1));
            _h.Core.OnHeartbeat("n1", session, _h.Now);
        }

        Assert.Single(Messages);
        _h.Drain(stream);

        Assert.Equal([498ul, 499ul, 497ul], Messages[1].Changes.OrderBy(Id).Select(change => change.Assignment.Task.Slot));
    }

    [Fact]
    public void Open_MoreThanAMessageHolds_IsCutAndLosesNoRunningTask()
    {
        for (int i = 0; i < 20; i++)
        {
            _h.State.Put(TestObjects.Secret("s" + i, 400_000));
            _h.State.Put(TestObjects.Task("new" + i, "n1", TaskState.Assigned, "s" + i));
            _h.State.Put(TestObjects.Task("run" + i, "n1", TaskState.Running));
        }

        Open();
        _h.Advance(TimeSpan.FromSeconds(1));

        Assert.All(Messages, message => Assert.True(message.CalculateSize() <= SwarmDefaults.MessageSizeMax));
        Assert.True(Messages.Count >= 3);
        Assert.Equal(20, Messages[0].Changes.Count(change => Id(change).StartsWith("run", StringComparison.Ordinal)));
        var agent = new AgentModel();
        _h.Assignments.ForEach(sent => agent.Apply(sent.Message, sent.View));
        Assert.Equal((40, 20), (agent.Tasks.Count, agent.Dependencies.Count));
    }

    [Fact]
    public void Messages_OverRandomHistories_AlwaysGiveTheWantedSet() =>
        Gen.Int[0, 1_000_000].Sample(seed => RunHistory(new SeededRandom((ulong)seed)), iter: 300);

    private static void RunHistory(SeededRandom random)
    {
        var h = new DispatcherHarness(new DispatcherOptions { AssignmentMessageBytes = 64 * 1024, AssignmentBatchChanges = 5 });
        h.State.Put(TestObjects.Node("n1"));
        h.Lead();
        string session = h.Register("n1");
        h.AutoDrain = false;
        var agent = new AgentModel();
        long stream = h.OpenAssignments("n1", session);
        int read = 0;
        for (int step = 0; step < 120; step++)
        {
            switch (random.Next(8))
            {
                case 0:
                    Read();
                    break;
                case 1 when random.Next(4) == 0:
                    h.Reset();
                    break;
                case 2 when random.Next(4) == 0:
                    h.Core.OnStreamClosed(stream);
                    read = h.Assignments.Count;
                    stream = h.OpenAssignments("n1", session);
                    break;
                case 3:
                    h.Advance(TimeSpan.FromMilliseconds(random.Next(150)));
                    break;
                case 4:
                    h.Commit();
                    break;
                default:
                    ChangeSomething(h, random);
                    break;
            }
        }

        h.Commit();
        for (int i = 0; i < 50; i++)
        {
            h.Advance(TimeSpan.FromMilliseconds(100));
            Read();
        }

        Assert.Equal(h.Assignments.Count, read);
        CheckWanted(h, agent);

        void Read()
        {
            if (read < h.Assignments.Count)
            {
                (long of, AssignmentsMessage message, IStoreReader view) = h.Assignments[read++];
                Assert.Equal(stream, of);
                Assert.True(message.CalculateSize() < 128 * 1024);
                agent.Apply(AssignmentsMessage.Parser.ParseFrom(message.ToByteArray()), view);
                h.Drain(of);
            }
        }
    }

    private static void ChangeSomething(DispatcherHarness h, SeededRandom random)
    {
        string id = "t" + random.Next(8);
        Api.Task? task = h.State.Get<Api.Task>(id);
        switch (random.Next(7))
        {
            case 0 when task is not null:
                h.State.Remove<Api.Task>(id);
                break;
            case 1 when task is not null:
                h.State.Put(task.WithState((TaskState)Math.Min(832, (int)task.Status.State + 64)));
                break;
            case 2 when task is not null:
                h.State.Put(task.WithDesiredState(TaskState.Shutdown));
                break;
            case 3:
                h.State.Put(TestObjects.Secret("s" + random.Next(4), 1 + random.Next(30_000)));
                break;
            case 4:
                h.State.Remove<Secret>("s" + random.Next(4));
                break;
            case 5:
                h.State.Put(TestObjects.Config("s" + random.Next(4), 1 + random.Next(30_000)));
                break;
            default:
                if (task is null)
                {
                    TaskState[] states = [TaskState.Pending, TaskState.Assigned, TaskState.Running];
                    string[] secrets = [.. Enumerable.Range(0, random.Next(3)).Select(_ => "s" + random.Next(4))];
                    Api.Task made = TestObjects.Task(id, "n" + (1 + random.Next(2)), states[random.Next(3)], secrets);
                    var config = new ResourceReference { ResourceId = "s" + random.Next(4), ResourceType = ResourceType.Config };
                    h.State.Put(random.Next(2) == 0 ? made : made.WithSpec(made.Spec.WithResourceReferences([config])));
                }

                break;
        }
    }

    private static void CheckWanted(DispatcherHarness h, AgentModel agent)
    {
        var tasks = h.State.View.TasksByNode("n1").Where(task => task.Status.State >= TaskState.Assigned).ToList();
        Assert.Equal(string.Join(" ", tasks.Select(task => task.Id)), string.Join(" ", agent.Tasks.Keys));
        Assert.All(tasks, task => Assert.True(TaskAssignments.SameForNode(task, agent.Tasks[task.Id])));
        var needed = tasks.Where(task => task.Status.State <= TaskState.Running).SelectMany(TaskAssignments.Dependencies).Distinct()
            .Select(key => (Name: AgentModel.Key(key.Kind, key.Id), Object: Find(h, key)))
            .Where(dependency => dependency.Object is not null)
            .OrderBy(dependency => dependency.Name, StringComparer.Ordinal)
            .ToList();
        Assert.Equal(needed.Select(dependency => dependency.Name), agent.Dependencies.Keys);
        Assert.All(needed, dependency => Assert.Equal(SpecOf(dependency.Object!), SpecOf(agent.Dependencies[dependency.Name])));
    }

    private static IMessage? Find(DispatcherHarness h, DependencyKey key) =>
        key.Kind == ResourceType.Secret ? h.State.Get<Secret>(key.Id) : h.State.Get<Config>(key.Id);

    private static IMessage SpecOf(IMessage dependency) => dependency is Secret secret ? secret.Spec : ((Config)dependency).Spec;

    private static string Id(AssignmentChange change) =>
        change.Assignment.Task?.Id ?? change.Assignment.Secret?.Id ?? change.Assignment.Config.Id;

    private long Open()
    {
        _h.Lead();
        return _h.OpenAssignments("n1", _h.Register("n1"));
    }
}
