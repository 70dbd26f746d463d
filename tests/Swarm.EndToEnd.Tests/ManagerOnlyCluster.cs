// SPDX-License-Identifier: Apache-2.0
namespace Swarm.EndToEnd.Tests;

/// <summary>A manager without workers, shared by the tests of a class.</summary>
public sealed class ManagerOnlyCluster : IAsyncLifetime
{
    internal TestCluster Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cluster = await TestCluster.StartAsync(workers: 0);

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
