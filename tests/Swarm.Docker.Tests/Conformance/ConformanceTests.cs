// SPDX-License-Identifier: Apache-2.0
using Docker.DotNet.Models;

namespace Swarm.Docker.Tests.Conformance;

/// <summary>The Docker executor keeps the contract of executors, on a real engine.</summary>
public sealed class ConformanceTests(ConformanceOnEngine engine) : IClassFixture<ConformanceOnEngine>
{
    public static TheoryData<string> Cases => [.. ConformanceOnEngine.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Docker_KeepsTheContract(string name) => engine.EndOfAsync(name);

    [Fact]
    public async Task Docker_WhateverItDoes_LeavesOthersContainersAlone()
    {
        foreach (string name in ConformanceOnEngine.Names)
        {
            // Whether it passed is for its own test to say.
            await engine.EndOfAsync(name).ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        Assert.Equal(3, engine.Foreign.Count);
        foreach (ContainerInspectResponse before in engine.Foreign)
        {
            ContainerInspectResponse now = await engine.Others.Containers.InspectContainerAsync(before.ID, TestContext.Current.CancellationToken);
            Assert.Equal((true, before.State!.StartedAt, before.State.Pid), (now.State!.Running, now.State.StartedAt, now.State.Pid));
        }

        // And of the executor's own nothing is left.
        var all = new ContainersListParameters { All = true };
        Assert.Equal(
            engine.Foreign.Select(static container => container.ID).Order(),
            (await engine.Others.Containers.ListContainersAsync(all, TestContext.Current.CancellationToken)).Select(static c => c.ID).Order());
    }
}
