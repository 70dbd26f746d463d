// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Testing.Tests;

/// <summary>Waiting in a cluster on the real clock sees what changes without a commit.</summary>
public sealed class InProcessClusterWaitTests
{
    [Fact]
    public async Task UntilAsync_OnlyTheWorkloadChanges_IsSeen()
    {
        await using InProcessCluster cluster = await InProcessCluster.StartAsync(new InProcessClusterOptions { Workers = 1 });
        await cluster.Client.Services.CreateAsync(TestWorkload.Service("web", 1));
        await cluster.ConvergeAsync();
        int looks = 0;
        Task waiting = cluster.UntilAsync("the workload was touched", _ => ++looks > 1);

        // Nothing is committed: the cluster is told only that what runs may have changed.
        cluster.Workload.Touch();

        await waiting.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }
}
