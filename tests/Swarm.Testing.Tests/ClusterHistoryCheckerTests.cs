// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Simulation;
using Swarm.Store;

namespace Swarm.Testing.Tests;

/// <summary>The checker says so when a rule is broken, and only then.</summary>
public sealed class ClusterHistoryCheckerTests : IDisposable
{
    private readonly SimulationLoop _loop = new(1);
    private readonly Mailbox _mailbox;
    private readonly LocalProposer _log;
    private readonly StoreWriter _writer;
    private readonly ClusterHistoryChecker _checker;

    public ClusterHistoryCheckerTests()
    {
        _mailbox = _loop.AddHost("manager").Create("store");
        _log = new LocalProposer(_mailbox);
        _writer = new StoreWriter(new StoreWriterOptions(), _log, [], _mailbox, 1);
        _writer.Start();
        _loop.RunUntil(() => _writer.IsLeading, TimeSpan.FromSeconds(1));

        // What was there before is not judged: two tasks in one slot.
        Make(Task("old-1", TaskState.Running));
        Make(Task("old-2", TaskState.Running));
        _checker = new ClusterHistoryChecker(_writer);
    }

    public void Dispose()
    {
        _checker.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void Check_LifeOfATask_IsRight()
    {
        Make(Task("task", TaskState.New, slot: 2));
        Change("task", t => t.WithNodeId("node-1").WithStatus(new Api.TaskStatus { State = TaskState.Assigned }));
        Change("task", t => t.WithStatus(new Api.TaskStatus { State = TaskState.Running }));
        Change("task", t => t.WithDesiredState(TaskState.Shutdown));
        Make(Task("next", TaskState.New, slot: 2));
        Change("task", t => t.WithStatus(new Api.TaskStatus { State = TaskState.Shutdown }));

        _checker.Check();

        Assert.Equal(6, _checker.Changes);
        Assert.Equal(2, _checker.TasksMade);
    }

    [Fact]
    public void Check_StateGoesBack_IsSaid() => Says("went back from Running to Starting", () =>
        Change("old-1", t => t.WithStatus(new Api.TaskStatus { State = TaskState.Starting })));

    [Fact]
    public void Check_DesiredStateGoesBack_IsSaid() => Says("desired state went back", () =>
    {
        Change("old-1", t => t.WithDesiredState(TaskState.Shutdown));
        Change("old-1", t => t.WithDesiredState(TaskState.Running));
    });

    [Fact]
    public void Check_TaskMovesToAnotherNode_IsSaid() => Says("moved from node node-1 to node-2", () =>
        Change("old-1", t => t.WithNodeId("node-2")));

    [Fact]
    public void Check_TaskRunsOnNoNode_IsSaid() => Says("is Assigned on no node", () =>
    {
        Make(Task("task", TaskState.New, slot: 2));
        Change("task", t => t.WithStatus(new Api.TaskStatus { State = TaskState.Assigned }));
    });

    [Fact]
    public void Check_TwoTasksInOneSlot_IsSaid() => Says("slot 3 of service service has 2 tasks that should run", () =>
    {
        Make(Task("task-1", TaskState.New, slot: 3));
        Make(Task("task-2", TaskState.New, slot: 3));
    });

    [Fact]
    public void Check_TwoGlobalTasksOnOneNode_IsSaid() => Says("node node-1 has 2 tasks of the global service service", () =>
    {
        Make(Task("task-1", TaskState.Running, slot: 0));
        Make(Task("task-2", TaskState.Running, slot: 0));
    });

    [Fact]
    public void CheckReply_AsCommitted_IsRight_OtherContentIsSaid()
    {
        var made = new Service { Id = "service", Spec = TestWorkload.Service("web", 3) };
        Submit(tx => tx.Create(made));
        Service committed = _writer.Committed.Get<Service>("service")!;

        _checker.CheckReply(committed);

        Assert.Contains("another content", Said(() => _checker.CheckReply(committed.WithSpec(TestWorkload.Service("web", 4)))), StringComparison.Ordinal);
        Meta later = committed.Meta.WithVersion(new Api.Version { Index = committed.Meta.Version.Index + 1 });
        Assert.Contains("never committed", Said(() => _checker.CheckReply(committed.WithMeta(later))), StringComparison.Ordinal);
    }

    private static Api.Task Task(string id, TaskState state, ulong slot = 1) => new()
    {
        Id = id,
        ServiceId = "service",
        Slot = slot,
        NodeId = state < TaskState.Assigned ? "" : "node-1",
        DesiredState = TaskState.Running,
        Status = new Api.TaskStatus { State = state },
        Spec = new TaskSpec(),
    };

    private static string Said(Action action) => Assert.Throws<InvalidOperationException>(action).Message;

    private void Says(string text, Action wrong)
    {
        wrong();
        Assert.Contains(text, Said(_checker.Check), StringComparison.Ordinal);
    }

    private void Make(Api.Task task) => Submit(tx => tx.Create(task));

    private void Change(string id, Func<Api.Task, Api.Task> change) => Submit(tx => tx.Update(change(tx.Get<Api.Task>(id)!)));

    private void Submit(Action<IStoreTransaction> change) => _loop.Run(
        _mailbox,
        () => _writer.SubmitAsync("test", change),
        TimeSpan.FromSeconds(10));
}
