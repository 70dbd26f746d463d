// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Docker.Tests;

/// <summary>Workers that join, leave, and are killed, with containers on three engines.</summary>
[Collection(BehaviourCluster.Name)]
public sealed class BehaviourOfWorkersTests(BehaviourCluster cluster) : IAsyncLifetime
{
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await cluster.RestoreAsync();

    [Fact]
    public async Task JoiningWorker_MovesNothing_GetsItsGlobalTask_AndTheNextScaleUsesIt()
    {
        await cluster.LeaveAsync(2);
        await cluster.CreateAsync("everywhere", null);
        Service service = await cluster.CreateAsync("web", 6);
        BehaviourView before = await cluster.UntilAsync("eight run on two engines", v => v.Running.Count == 8);
        Assert.Equal([4, 4], Enumerable.Range(0, 2).Select(e => before.On(e).Count));

        await cluster.ReviveAsync(2);
        BehaviourView joined = await cluster.UntilAsync("the global task runs on engine 2", v => v.On(2).Count == 1);
        Assert.Equal(before.Running, joined.Running.Except(joined.On(2)));
        Assert.Equal(0UL, joined.On(2).Single().Slot);

        await cluster.ScaleAsync(service, 9);
        BehaviourView scaled = await cluster.UntilAsync("twelve run", v => v.Running.Count == 12);
        Assert.Subset(scaled.Running.ToHashSet(), joined.Running.ToHashSet());
        Assert.Equal([4, 4, 4], Enumerable.Range(0, 3).Select(e => scaled.On(e).Count));
    }

    [Fact]
    public async Task KilledWorker_BackAtOnce_ItsContainersRunOnAndAreNotDoubled()
    {
        Service service = await cluster.CreateAsync("web", 6);
        BehaviourView before = await cluster.UntilAsync("six run", v => v.Running.Count == 6);

        await cluster.KillNodeAsync(1);
        await cluster.ReviveAsync(1);

        // What is new there shows that it is back at work.
        await cluster.ScaleAsync(service, 9);
        BehaviourView after = await cluster.UntilAsync("nine run", v => v is { Running.Count: 9, Containers: 9 });
        Assert.Subset(after.Running.ToHashSet(), before.Running.ToHashSet());
        Assert.Equal(3, after.On(1).Count);
    }

    [Fact]
    public async Task KilledWorkers_TheirTasksMove_AndTheyGetNoneOfThemTwiceWhenTheyAreBack()
    {
        await cluster.CreateAsync("everywhere", null);
        Service service = await cluster.CreateAsync("web", 6);
        BehaviourView before = await cluster.UntilAsync("nine run", v => v.Running.Count == 9);
        Assert.Equal([3, 3, 3], Enumerable.Range(0, 3).Select(e => before.On(e).Count));

        // One loses its agent, the other all it has.
        await cluster.KillNodeAsync(1);
        await cluster.KillNodeAsync(2);
        await cluster.KillEngineAsync(2);
        await cluster.UntilDownAsync(1);
        await cluster.UntilDownAsync(2);
        BehaviourView moved = await cluster.UntilAsync("seven run on engine 0", v => v.Running.Count == 7, 1, 2);
        Assert.Subset(moved.Running.ToHashSet(), before.On(0).ToHashSet());
        Assert.Equal([1, 2, 3, 4, 5, 6], moved.Running.Select(t => (int)t.Slot).Where(s => s != 0).Order());

        // Nobody is there to end them.
        Assert.Equal(before.On(1).Select(t => t.ContainerId), (await cluster.LookAsync(2)).On(1).Select(t => t.ContainerId));

        await cluster.StartEngineAgainAsync(2);
        await cluster.ReviveAsync(1);
        await cluster.ReviveAsync(2);
        BehaviourView back = await cluster.UntilAsync(
            "nine run, on engines 1 and 2 the global ones", v => v.Running.Count == 9 && v.On(1).Count == 1 && v.On(2).Count == 1);
        Assert.Equal(moved.Running, back.On(0));
        Assert.Equal([0UL, 0UL], back.Running.Except(back.On(0)).Select(t => t.Slot));
        Assert.DoesNotContain(back.On(2), t => before.On(2).Any(b => b.ContainerId == t.ContainerId));

        await cluster.ScaleAsync(service, 12);
        BehaviourView after = await cluster.UntilAsync("fifteen run", v => v.Running.Count == 15);
        Assert.Subset(after.Running.ToHashSet(), back.Running.ToHashSet());
        Assert.Equal([7, 4, 4], Enumerable.Range(0, 3).Select(e => after.On(e).Count));
    }
}
