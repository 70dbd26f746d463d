// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Orchestration.Replicated;
using Swarm.Orchestration.Slots;
using Swarm.Orchestration.Tests.Support;
using Swarm.Orchestration.Work;

namespace Swarm.Orchestration.Tests;

public sealed class PartsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void TaskFactory_Service_SharesItsSpecs()
    {
        ServiceSpec spec = Specs.Replicated("web", 1, static s => s.Endpoint = new EndpointSpec());
        var service = new Service { Id = "s", Spec = spec, SpecVersion = new Api.Version { Index = 7 } };
        var driver = new Driver { Name = "journald" };
        var cluster = new Cluster { Spec = new ClusterSpec { TaskDefaults = new TaskDefaults { LogDriver = driver } } };
        Timestamp now = Start.ToTimestamp();

        Api.Task task = TaskFactory.Create("t", service, cluster, 3, "", TaskState.Ready, now);
        Assert.Same(spec.Task, task.Spec);
        Assert.Same(spec.Annotations, task.ServiceAnnotations);
        Assert.Same(spec.Endpoint, task.Endpoint.Spec);
        Assert.Same(driver, task.LogDriver);
        Assert.Equal(("t", "s", 3UL, "", 7UL), (task.Id, task.ServiceId, task.Slot, task.NodeId, task.SpecVersion.Index));
        Assert.Equal(
            (TaskState.New, "created", now, TaskState.Ready),
            (task.Status.State, task.Status.Message, task.Status.Timestamp, task.DesiredState));
    }

    [Fact]
    public void TaskFactory_OwnLogDriverOrNoCluster_TakesWhatThereIs()
    {
        var own = new Driver { Name = "own" };
        ServiceSpec spec = Specs.Global("web", s => s.Task.LogDriver = own);
        var service = new Service { Id = "s", Spec = spec };
        Assert.Same(own, TaskFactory.Create("t", service, new Cluster(), 0, "n", TaskState.Running, new Timestamp()).LogDriver);
        spec = Specs.Global("web");
        Assert.Null(TaskFactory.Create("t", new Service { Spec = spec }, null, 0, "n", TaskState.Running, new Timestamp()).LogDriver);
    }

    [Fact]
    public void ScaleDownOrder_Slots_FullestNodesFirstThenIdleThenHigh()
    {
        // a holds 1, 2, 5 (5 idle); b holds 3 (idle), 6; 4 has no node.
        KeyValuePair<SlotKey, SlotInfo>[] slots =
        [
            Slot(1, "a", true), Slot(2, "a", true), Slot(3, "b", false), Slot(4, "", false), Slot(5, "a", false), Slot(6, "b", true),
        ];
        Assert.Equal([4UL, 5, 3, 2, 6, 1], ScaleDownOrder.Choose(slots, 6).Select(static k => k.Slot));
        Assert.Equal([4UL, 5], ScaleDownOrder.Choose(slots, 2).Select(static k => k.Slot));
        Assert.Empty(ScaleDownOrder.Choose(slots, 0));
    }

    [Fact]
    public void WorkQueue_ItemsTwice_WaitOnceAndInOrder()
    {
        var queue = new WorkQueue<string>();
        queue.Add("a");
        queue.Add("b");
        queue.Add("a");
        Assert.Equal(2, queue.Count);
        queue.Rotate();
        Assert.True(queue.TryTake(out string? first));
        Assert.Equal("b", first);
        queue.Add("b");
        Assert.True(queue.TryPeek(out first));
        Assert.Equal("a", first);
    }

    [Fact]
    public void DueQueue_SetAgain_KeepsOneTimeForEach()
    {
        var queue = new DueQueue<int>();
        queue.Set(1, Start.AddSeconds(5));
        queue.Set(2, Start.AddSeconds(3));
        queue.Set(1, Start.AddSeconds(1));
        queue.Set(3, Start.AddSeconds(2));
        queue.Set(3, null);
        Assert.Equal(Start.AddSeconds(1), queue.Next);
        Assert.False(queue.TryTake(Start, out _));
        Assert.True(queue.TryTake(Start.AddSeconds(9), out int item));
        Assert.Equal(1, item);
        Assert.True(queue.TryTake(Start.AddSeconds(9), out item));
        Assert.Equal(2, item);
        Assert.Null(queue.Next);
    }

    [Fact]
    public void Times_SumBeyondTheEndOfTime_IsHeldThere()
    {
        Assert.Equal(DateTimeOffset.MaxValue, Start.After(TimeSpan.MaxValue));
        Assert.Equal(Start.AddSeconds(1), Start.After(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Options_OutOfRange_AreRefusedWithTheirName()
    {
        AssertRefused("OldTaskStopTimeout", new() { OldTaskStopTimeout = TimeSpan.FromSeconds(-1) });
        AssertRefused("UpdateStartTimeout", new() { UpdateStartTimeout = TimeSpan.Zero });
        Assert.Equal(
            ["service-removal", "node-removal", "replicated", "global", "allocator", "scheduler", "reaper", "blacklist"],
            OrchestrationControllers.Default().Select(static make => make().Name));
    }

    private static void AssertRefused(string name, OrchestrationOptions options) => Assert.Contains(
        name, Assert.Throws<ArgumentException>(() => OrchestrationControllers.Default(options)).Message, StringComparison.Ordinal);

    private static KeyValuePair<SlotKey, SlotInfo> Slot(ulong slot, string node, bool running) =>
        new(SlotKey.Numbered(slot), new SlotInfo(SlotStanding.Live, node, running));
}
