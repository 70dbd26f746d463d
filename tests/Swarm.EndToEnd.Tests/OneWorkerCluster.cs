// SPDX-License-Identifier: Apache-2.0
namespace Swarm.EndToEnd.Tests;

/// <summary>A manager and one worker, shared by the classes that leave it as they found it.</summary>
[CollectionDefinition(Name)]
public sealed class OneWorkerCluster : ICollectionFixture<OneWorkerCluster>, IAsyncLifetime
{
    /// <summary>The name of the collection of those classes.</summary>
    public const string Name = "one worker";

    internal TestCluster Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cluster = await TestCluster.StartAsync(workers: 1);

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
