// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Availability = Swarm.Api.NodeSpec.Types.Availability;

namespace Swarm.Docker.Tests;

/// <summary>Behaviour that people rely on, with containers on three engines, seen by the containers that really run.</summary>
[Collection(BehaviourCluster.Name)]
public sealed class BehaviourTests(BehaviourCluster cluster) : IAsyncLifetime
{
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await cluster.RestoreAsync();

    [Fact]
    public async Task Scaling_UpAndDown_ContainersFollowAndTheOthersStay()
    {
        Service service = await cluster.CreateAsync("web", 2);
        BehaviourView two = await cluster.UntilAsync("two run", v => v.Running.Count == 2);
        Assert.Equal(2, two.Running.Select(t => t.Engine).Distinct().Count());

        await cluster.ScaleAsync(service, 7);
        BehaviourView seven = await cluster.UntilAsync("seven run", v => v.Running.Count == 7);
        Assert.Subset(seven.Running.ToHashSet(), two.Running.ToHashSet());
        Assert.Equal([2, 2, 3], Enumerable.Range(0, 3).Select(e => seven.On(e).Count).Order());
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], seven.Running.Select(t => (int)t.Slot).Order());

        await cluster.ScaleAsync(service, 3);
        BehaviourView three = await cluster.UntilAsync("three run, and of the rest nothing is left", v => v is { Running.Count: 3, Containers: 3 });
        Assert.Subset(seven.Running.ToHashSet(), three.Running.ToHashSet());
        Assert.Equal([1, 1, 1], Enumerable.Range(0, 3).Select(e => three.On(e).Count));
    }

    [Fact]
    public async Task EndedContainer_IsReplacedInItsSlotByANewTask()
    {
        await cluster.CreateAsync("web", 3);
        BehaviourView before = await cluster.UntilAsync("three run", v => v.Running.Count == 3);
        BehaviourTask killed = before.On(1).Single();
        BehaviourTask removed = before.On(2).Single();

        await cluster.KillContainerAsync(killed);
        await cluster.RemoveContainerAsync(removed);
        BehaviourView after = await cluster.UntilAsync(
            "three run, two of them anew", v => v.Running.Count == 3 && !v.Running.Contains(killed) && !v.Running.Contains(removed));

        Assert.Contains(before.On(0).Single(), after.Running);
        Assert.Equal([1, 2, 3], after.Running.Select(t => (int)t.Slot).Order());
        Assert.DoesNotContain(after.Running, t => t.Id == killed.Id || t.Id == removed.Id);
        Assert.Equal(TaskState.Failed, (await cluster.Client.Tasks.GetAsync(killed.Id)).Status.State);
        Assert.Equal(TaskState.Failed, (await cluster.Client.Tasks.GetAsync(removed.Id)).Status.State);
    }

    [Fact]
    public async Task Drain_MovesTheTasks_AndNoneComesBackWhenActive()
    {
        Service service = await cluster.CreateAsync("web", 6);
        BehaviourView before = await cluster.UntilAsync("six run", v => v.Running.Count == 6);
        Assert.Equal([2, 2, 2], Enumerable.Range(0, 3).Select(e => before.On(e).Count));

        await cluster.SetAvailabilityAsync(1, Availability.Drain);
        BehaviourView drained = await cluster.UntilAsync("six run, none on engine 1", v => v.Running.Count == 6 && v.On(1).Count == 0);
        Assert.Equal(before.On(0), before.On(0).Intersect(drained.On(0)));
        Assert.Equal(before.On(2), before.On(2).Intersect(drained.On(2)));
        Assert.Equal([1, 2, 3, 4, 5, 6], drained.Running.Select(t => (int)t.Slot).Order());

        await cluster.SetAvailabilityAsync(1, Availability.Active);
        await cluster.ScaleAsync(service, 9);
        BehaviourView active = await cluster.UntilAsync("nine run", v => v.Running.Count == 9);
        Assert.Subset(active.Running.ToHashSet(), drained.Running.ToHashSet());
        Assert.Equal([3, 3, 3], Enumerable.Range(0, 3).Select(e => active.On(e).Count));
    }

    [Fact]
    public async Task Pause_KeepsTheTasksAndGivesNoNew()
    {
        Service service = await cluster.CreateAsync("web", 6);
        BehaviourView before = await cluster.UntilAsync("six run", v => v.Running.Count == 6);
        BehaviourTask[] kept = [.. before.On(2)];
        Assert.Equal(2, kept.Length);

        await cluster.SetAvailabilityAsync(2, Availability.Pause);
        await cluster.ScaleAsync(service, 10);
        BehaviourView scaled = await cluster.UntilAsync("ten run", v => v.Running.Count == 10);
        Assert.Equal(kept, scaled.On(2));
        Assert.Subset(scaled.Running.ToHashSet(), before.Running.ToHashSet());

        await cluster.KillContainerAsync(kept[0]);
        BehaviourView replaced = await cluster.UntilAsync("ten run, one of them anew", v => v.Running.Count == 10 && !v.Running.Contains(kept[0]));
        Assert.Equal([kept[1]], replaced.On(2));
        Assert.NotEqual(2, replaced.Running.Single(t => t.Slot == kept[0].Slot).Engine);

        await cluster.SetAvailabilityAsync(2, Availability.Active);
        await cluster.ScaleAsync(service, 12);
        BehaviourView active = await cluster.UntilAsync("twelve run", v => v.Running.Count == 12);
        Assert.Subset(active.Running.ToHashSet(), replaced.Running.ToHashSet());
        Assert.Equal(3, active.On(2).Count);
    }

    [Fact]
    public async Task GlobalService_RunsOncePerNode_AndNotOnADrainedOne()
    {
        await cluster.CreateAsync("everywhere", null);
        BehaviourView before = await OnAsync(0, 1, 2);

        await cluster.SetAvailabilityAsync(1, Availability.Drain);
        BehaviourView drained = await OnAsync(0, 2);
        Assert.Subset(before.Running.ToHashSet(), drained.Running.ToHashSet());

        await cluster.SetAvailabilityAsync(1, Availability.Active);
        BehaviourView active = await OnAsync(0, 1, 2);
        Assert.Subset(active.Running.ToHashSet(), drained.Running.ToHashSet());
        Assert.NotEqual(before.On(1), active.On(1));

        Task<BehaviourView> OnAsync(params int[] engines) => cluster.UntilAsync(
            $"one runs on each of {string.Join(' ', engines)}", v => v.Running.Select(t => t.Engine).Order().SequenceEqual(engines));
    }
}
