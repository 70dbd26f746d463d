// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Tests.Support;
using Condition = Swarm.Api.RestartPolicy.Types.RestartCondition;

namespace Swarm.Orchestration.Tests;

public sealed class TaskReaperTests : IAsyncDisposable
{
    private readonly World _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData(5, 5)]
    [InlineData(2, 2)]
    [InlineData(0, 1)]
    [InlineData(-1, 9)]
    public void Reaper_SlotWithHistory_KeepsTheYoungestUpToTheLimit(long limit, int left)
    {
        SetLimit(limit);
        string id = Start(static _ => { });
        Fail(id, 8);
        List<Api.Task> tasks = _world.Tasks(id);
        Assert.Equal(left, tasks.Count);
        Assert.Equal(TaskState.Running, tasks[^1].ObservedState());
        Assert.All(tasks.SkipLast(1), static t => Assert.Equal(TaskState.Failed, t.ObservedState()));
    }

    [Fact]
    public void Reaper_LimitLowered_PrunesAtOnce()
    {
        string id = Start(static _ => { });
        Fail(id, 6);
        Assert.Equal(5, _world.Tasks(id).Count);
        List<string> youngest = [.. _world.Tasks(id).TakeLast(2).Select(static t => t.Id)];
        SetLimit(2);
        Assert.Equal(youngest, _world.Tasks(id).Select(static t => t.Id));
    }

    [Fact]
    public void Reaper_MaxAttempts_KeepsOneMoreThanThese()
    {
        SetLimit(2);
        string id = Start(static s => s.Restart(Condition.Any, attempts: 7));
        Fail(id, 7);
        Assert.Equal(8, _world.Tasks(id).Count);
        Fail(id, 1);
        Assert.Equal(8, _world.Tasks(id).Count);
        Assert.Empty(_world.Wanted(id));
    }

    [Fact]
    public void Reaper_GlobalService_KeepsHistoryForEachNode()
    {
        SetLimit(2);
        _world.AddNodes(2);
        string id = _world.CreateService(Specs.Global("agent"));
        _world.RunAgents();
        for (int i = 0; i < 4; i++)
        {
            _world.Report(_world.Running(id).Single(static t => t.NodeId == "n1").Id, TaskState.Failed);
            _world.Advance(5);
        }

        Assert.Equal([("n1", 2), ("n2", 1)], _world.Tasks(id).GroupBy(static t => t.NodeId).Select(static g => (g.Key, g.Count())));
    }

    [Fact]
    public void Reaper_TaskToBeRemovedThatNoAgentHas_IsDeletedAtOnce()
    {
        string id = _world.CreateService(Specs.Replicated("web", 3));
        Assert.All(_world.Tasks(id), static t => Assert.Equal(TaskState.Pending, t.ObservedState()));
        _world.RemoveService(id);
        Assert.Empty(_world.Tasks(id));
    }

    [Fact]
    public void Reaper_LostTaskWithoutService_IsDeleted()
    {
        _world.AddNodes(1);
        _world.Do(static tx => tx.Create(new Api.Task
        {
            Id = "alone", NodeId = "n1", DesiredState = TaskState.Running, Status = new Api.TaskStatus { State = TaskState.Orphaned },
        }));
        Assert.Null(_world.View.Get<Api.Task>("alone"));
    }

    [Fact]
    public void Reaper_TasksOfAServiceThatIsGone_AreRemovedByTheNextLeader()
    {
        _world.AddNodes(1);
        _world.Do(static tx => tx.Create(new Api.Task
        {
            Id = "left", ServiceId = "gone", Slot = 1, NodeId = "n1", DesiredState = TaskState.Running,
            Status = new Api.TaskStatus { State = TaskState.Running },
        }));
        Assert.Equal(TaskState.Remove, _world.Get("left").DesiredState);
        _world.RunAgents();
        Assert.Null(_world.View.Get<Api.Task>("left"));
    }

    private string Start(Action<ServiceSpec> change)
    {
        _world.AddNodes(1);
        string id = _world.CreateService(Specs.Replicated("web", 1, change));
        _world.RunAgents();
        return id;
    }

    private void Fail(string id, int times)
    {
        for (int i = 0; i < times; i++)
        {
            _world.Report(_world.WantedIn(id, 1).Id, TaskState.Failed);
            _world.Advance(5);
        }
    }

    private void SetLimit(long limit) => _world.Do(tx =>
    {
        Cluster cluster = tx.Get<Cluster>(World.Cluster)!;
        tx.Update(cluster.WithSpec(cluster.Spec.WithOrchestration(new OrchestrationConfig { TaskHistoryRetentionLimit = limit })));
    });
}
