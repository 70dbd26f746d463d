// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Tests.Support;
using Swarm.Store;

namespace Swarm.Orchestration.Tests;

public sealed class NodeRemovalTests
{
    [Fact]
    public async Task RemovedNode_ItsTasks_AreOrphanedAndReplaced()
    {
        await using var world = new World();
        world.AddNodes(1);
        string id = world.CreateService(Specs.Replicated("web", 3));
        world.RunAgents();
        List<Api.Task> old = world.Running(id);
        world.AddNode("n2");

        world.Do(tx => tx.Remove<Node>("n1"));

        Assert.All(old, t => Assert.Equal(
            (TaskState.Orphaned, NodeRemoval.OrphanedMessage), (world.Get(t.Id).ObservedState(), world.Get(t.Id).Status.Message)));
        world.Advance(10);
        Assert.Equal(["n2", "n2", "n2"], world.Running(id).Select(static t => t.NodeId));
    }

    [Fact]
    public async Task RemovedNode_TasksThatEndedBefore_StayAsTheyAre()
    {
        await using var world = new World();
        world.AddNodes(2);
        string id = world.CreateService(Specs.Replicated("web", 1));
        world.RunAgents();
        Api.Task failed = world.WantedIn(id, 1);
        world.Report(failed.Id, TaskState.Failed);

        world.Do(tx => tx.Remove<Node>(failed.NodeId));

        Assert.Equal(TaskState.Failed, world.Get(failed.Id).ObservedState());
    }

    [Fact]
    public async Task RemovedNode_MoreTasksThanAnEntryTakes_AreAllOrphanedInSteps()
    {
        var options = new StoreWriterOptions { VerifyEntries = true, DetectMutation = true, MaxEntryBytes = 8 * 1024 };
        await using var world = new World(writer: options);
        world.AddNodes(1);
        PutLooseTasks(world, 100);
        long before = world.Writer.Counters.EntriesProposed;

        world.Do(tx => tx.Remove<Node>("n1"));

        Assert.All(world.View.All<Api.Task>(), t => Assert.Equal(TaskState.Orphaned, t.ObservedState()));
        Assert.True(world.Writer.Counters.EntriesProposed - before > 3);
        Assert.Equal(0, world.Writer.Counters.Alarms);
    }

    [Fact]
    public async Task RemovedNode_LeaderChangesBefore_TheNextOneFindsWhatIsLeft()
    {
        await using var world = new World();
        world.Do(static tx => tx.Create(new Api.Task
        {
            Id = "lost", NodeId = "gone", DesiredState = TaskState.Running, Status = new Api.TaskStatus { State = TaskState.Running },
        }));
        world.NewReign();

        Assert.Null(world.View.Get<Api.Task>("lost")); // Orphaned, and without a service nobody asks for it any more.
    }

    private static void PutLooseTasks(World world, int count)
    {
        world.CreateService(Specs.Global("any", static s => s.Constrain("node.labels.never==true")));
        for (int i = 0; i < count; i++)
        {
            string id = $"t{i:D3}";
            world.Do(tx => tx.Create(new Api.Task
            {
                Id = id,
                NodeId = "n1",
                ServiceId = "svc-any",
                DesiredState = TaskState.Shutdown,
                Slot = ulong.Parse(id.AsSpan(1), null) + 1,
                Status = new Api.TaskStatus { State = TaskState.Running },
                Annotations = new Annotations { Labels = { ["size"] = new string('x', 200) } },
            }));
        }
    }
}
