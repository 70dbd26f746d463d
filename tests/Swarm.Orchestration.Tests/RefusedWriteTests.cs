// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Tests.Support;
using Swarm.Store;

namespace Swarm.Orchestration.Tests;

/// <summary>Work whose writes do not fit into a log entry: it is an alarm, and nobody else's trouble.</summary>
public sealed class RefusedWriteTests : IAsyncDisposable
{
    private const int EntryBytes = 8 * 1024;

    private readonly World _world = new(
        writer: new StoreWriterOptions { VerifyEntries = true, DetectMutation = true, MaxEntryBytes = EntryBytes });

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public void Restart_OfATaskTooLargeToBeReplaced_DoesNotHoldUpOtherServices()
    {
        _world.AddNodes(2);
        string big = _world.CreateService(Specs.Replicated("big", 1, static s => s.Task.Container.Env.Add(new string('x', 5 * 1024))));
        string web = _world.CreateService(Specs.Replicated("web", 2));
        _world.RunAgents();

        _world.Report(_world.WantedIn(big, 1).Id, TaskState.Failed);
        _world.Report(_world.WantedIn(web, 1).Id, TaskState.Failed);
        _world.Advance(10);

        Assert.Equal(2, _world.Running(web).Count);
        Assert.True(_world.Writer.Counters.Alarms > 0);
        Assert.True(_world.Writer.IsLeading);
        _world.Scale(web, 4);
        _world.Advance(100);
        Assert.Equal(4, _world.Running(web).Count);
        Assert.True(_world.Writer.Counters.IsAtRest);
    }

    [Fact]
    public void Update_OfTasksTooLargeToBeReplaced_DoesNotHoldUpOtherServices()
    {
        _world.AddNodes(2);
        string big = _world.CreateService(Specs.Replicated("big", 1, static s => s.Task.Container.Env.Add(new string('x', 5 * 1024))));
        string web = _world.CreateService(Specs.Replicated("web", 2));
        _world.RunAgents();

        _world.Do(tx =>
        {
            Service service = tx.Get<Service>(big)!;
            tx.Update(service.WithSpec(service.Spec.WithImage("web:2")).WithSpecVersion(new Api.Version { Index = tx.EntryIndex }));
        });
        _world.UpdateService(web, static s => s.WithImage("web:2"));
        _world.Advance(60);

        Assert.Equal(["web:2", "web:2"], _world.Running(web).Select(static t => t.Spec.Container.Image));
    }

    [Fact]
    public void Allocation_OfATaskThatNoLongerFits_DoesNotHoldUpOthers()
    {
        _world.AddNodes(1);
        _world.Do(static tx =>
        {
            var task = new Api.Task { Id = "a-big", DesiredState = TaskState.Running, Status = new Api.TaskStatus { State = TaskState.New } };
            task.Annotations = new Annotations { Labels = { ["fill"] = new string('x', EntryBytes - 95) } };
            tx.Create(task);
        });

        string web = _world.CreateService(Specs.Replicated("web", 2));
        _world.Advance(5);

        Assert.Equal(TaskState.New, _world.Get("a-big").ObservedState());
        Assert.Equal(2, _world.Running(web).Count);
    }
}
