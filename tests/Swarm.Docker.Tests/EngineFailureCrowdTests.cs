// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Swarm.Api;

namespace Swarm.Docker.Tests;

/// <summary>Many containers at once on one engine.</summary>
public sealed class EngineFailureCrowdTests
{
    private const int Count = 200;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CreateService_TwoHundredReplicasOnOneEngine_AllRunWithoutAnErrorAndAllGo()
    {
        await using EngineFailureCluster on = await EngineFailureCluster.StartAsync(new Swarm.Docker.Testing.PrivateEngineOptions());
        ServiceSpec spec = EngineFailureCluster.Spec("crowd", Count);
        var watch = Stopwatch.StartNew();

        Service service = await on.Client.Services.CreateAsync(spec, cancellationToken: Cancel);
        await on.UntilRunningAsync(service, Count, 120);
        TimeSpan started = watch.Elapsed;

        Api.Task[] tasks = [.. on.Cluster.State.TasksByService(service.Id)];
        Assert.Equal(Count, tasks.Length);
        Assert.All(tasks, t => Assert.Equal("", t.Status.Err));
        await on.UntilContainersMatchAsync();

        watch.Restart();
        await on.Client.Services.RemoveAsync(service.Id, Cancel);
        await on.UntilAsync("all tasks are gone", state => !state.TasksByService(service.Id).Any(), 120);
        await on.UntilContainersMatchAsync();
        Assert.Empty(await on.Others[0].Containers.ListContainersAsync(new() { All = true }, Cancel));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Count} containers: all running after {started.TotalSeconds:0.0} s, all gone after {watch.Elapsed.TotalSeconds:0.0} s");
    }
}
