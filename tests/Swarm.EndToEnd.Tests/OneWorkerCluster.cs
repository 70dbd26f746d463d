// SPDX-License-Identifier: Apache-2.0
namespace Swarm.EndToEnd.Tests;

/// <summary>A manager and one worker, shared by the tests of a class.</summary>
public sealed class OneWorkerCluster : IAsyncLifetime
{
    internal TestCluster Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cluster = await TestCluster.StartAsync(workers: 1);

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
