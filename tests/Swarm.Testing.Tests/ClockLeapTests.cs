// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Time.Testing;
using Swarm.Api;

namespace Swarm.Testing.Tests;

/// <summary>The clock of the machine is set while a cluster works; what passes meanwhile passes as ever.</summary>
public sealed class ClockLeapTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private readonly Machine _machine = new();

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(24)]
    [InlineData(-24)]
    public async Task ClockLeaps_WhileATaskWaitsForItsRestart_NothingElseIsRestartedAndItIsNotLate(int hours)
    {
        await using InProcessCluster cluster = await InProcessCluster.StartAsync(new InProcessClusterOptions { Time = _machine });
        await cluster.Client.Services.CreateAsync(TestWorkload.Service("web", 6));
        await UntilAsync(cluster, TimeSpan.FromMinutes(1), s => ClusterInvariants.Unconverged(s, cluster.Workload) is null);
        Api.Task[] before = [.. cluster.State.All<Api.Task>()];
        Assert.True(cluster.Workload.Fail(before[0].Id));
        await UntilAsync(cluster, TimeSpan.FromSeconds(2), s => s.Get<Api.Task>(before[0].Id)!.Status.State == TaskState.Failed);

        _machine.Leap(TimeSpan.FromHours(hours));

        await UntilAsync(cluster, TimeSpan.FromSeconds(10), s => ClusterInvariants.Unconverged(s, cluster.Workload) is null);
        for (TimeSpan passed = TimeSpan.Zero; passed < TimeSpan.FromMinutes(2); passed += Step)
        {
            await PassAsync(cluster);
            Assert.All(cluster.State.All<Node>(), n => Assert.Equal(NodeStatus.Types.State.Ready, n.Status.State));
        }

        Assert.Equal(7, cluster.Workload.Started);
        Assert.All(before[1..], t => Assert.Equal(TaskState.Running, cluster.State.Get<Api.Task>(t.Id)!.Status.State));
    }

    private async Task PassAsync(InProcessCluster cluster)
    {
        _machine.Hands.Advance(Step);
        await cluster.SettleAsync();
    }

    private async Task UntilAsync(InProcessCluster cluster, TimeSpan limit, Func<Store.StoreView, bool> condition)
    {
        await cluster.SettleAsync();
        for (TimeSpan passed = TimeSpan.Zero; !condition(cluster.State); passed += Step)
        {
            Assert.True(passed < limit, $"not within {limit}: {ClusterInvariants.Unconverged(cluster.State, cluster.Workload)}");
            await PassAsync(cluster);
        }
    }

    // Timers and counters of a machine whose clock can be set without time passing.
    private sealed class Machine : TimeProvider
    {
        private long _set;

        public FakeTimeProvider Hands { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

        public override long TimestampFrequency => Hands.TimestampFrequency;

        public void Leap(TimeSpan by) => Interlocked.Add(ref _set, by.Ticks);

        public override DateTimeOffset GetUtcNow() => Hands.GetUtcNow().AddTicks(Interlocked.Read(ref _set));

        public override long GetTimestamp() => Hands.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            Hands.CreateTimer(callback, state, dueTime, period);
    }
}
