// SPDX-License-Identifier: Apache-2.0
using Docker.DotNet.Models;
using Swarm.Api;
using Swarm.Docker.Testing;
using Swarm.Runtime;

namespace Swarm.Docker.Tests;

/// <summary>One task from its first call to its last, and what others do to its container and its engine meanwhile.</summary>
public sealed class TaskOnEngineTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lifecycle_PreparedStartedShutDownRemoved_ContainerFollows()
    {
        await using EngineUnderTest on = await EngineUnderTest.StartAsync();
        ITaskController task = on.Controller(EngineUnderTest.TaskOf("task1"));

        await task.PrepareAsync(Cancel);
        string id = Assert.Single(await on.ContainersAsync());
        Assert.Equal("created", (await on.StateAsync(id)).Status);
        Assert.Equal("/web.1.task1", (await on.InspectAsync(id)).Name);

        await task.StartAsync(Cancel);
        Assert.True((await on.StateAsync(id)).Running);
        Assert.Equal(id, (await ((IContainerStatusSource)task).GetContainerStatusAsync(Cancel))?.ContainerId);

        Task wait = task.WaitAsync(Cancel);
        await task.ShutdownAsync(Cancel);
        await wait;
        Assert.False((await on.StateAsync(id)).Running);

        await task.RemoveAsync(Cancel);
        Assert.Empty(await on.ContainersAsync());
    }

    [Fact]
    public async Task WaitAsync_ProgramEndsWithCode_CodeIsTold()
    {
        await using EngineUnderTest on = await EngineUnderTest.StartAsync();
        ITaskController task = await on.RunAsync(EngineUnderTest.TaskOf("task1", c => c.Args.Add(["sh", "-c", "exit 42"])));

        var failed = await Assert.ThrowsAsync<TaskExitException>(() => task.WaitAsync(Cancel));

        Assert.Equal(42, failed.ExitCode);
    }

    [Fact]
    public async Task WaitAsync_RemovedByForceFromOutside_FailsWithThatReason()
    {
        await using EngineUnderTest on = await EngineUnderTest.StartAsync();
        ITaskController task = await on.RunAsync(EngineUnderTest.TaskOf("task1"));
        Task wait = task.WaitAsync(Cancel);

        await on.Others.Containers.RemoveContainerAsync(
            Assert.Single(await on.ContainersAsync()), new ContainerRemoveParameters { Force = true }, Cancel);

        await Assert.ThrowsAsync<TaskExitException>(() => wait);
        await task.RemoveAsync(Cancel);
    }

    [Fact]
    public async Task WaitAsync_KilledFromOutside_FailsWithTheSignalsCode()
    {
        await using EngineUnderTest on = await EngineUnderTest.StartAsync();
        ITaskController task = await on.RunAsync(EngineUnderTest.TaskOf("task1"));
        Task wait = task.WaitAsync(Cancel);

        await KillAsync(on, Assert.Single(await on.ContainersAsync()));

        Assert.Equal(137, (await Assert.ThrowsAsync<TaskExitException>(() => wait)).ExitCode);
    }

    [Fact]
    public async Task WaitAsync_EngineRestartsAndContainerRuns_WaitGoesOn()
    {
        await using EngineUnderTest on = await EngineUnderTest.StartAsync(new() { LiveRestore = true });
        ITaskController task = await on.RunAsync(EngineUnderTest.TaskOf("task1"));
        Task wait = task.WaitAsync(Cancel);
        string id = Assert.Single(await on.ContainersAsync());

        await on.Engine.StopAsync(Cancel);
        await on.Engine.StartAgainAsync(Cancel);
        Assert.Equal(id, (await ((IContainerStatusSource)task).GetContainerStatusAsync(Cancel))?.ContainerId);
        Assert.False(wait.IsCompleted);
        await KillAsync(on, id);

        Assert.Equal(137, (await Assert.ThrowsAsync<TaskExitException>(() => wait)).ExitCode);
    }

    [Fact]
    public async Task WaitAsync_EngineCrashesAndContainerDiesWithIt_FailsOnceTheEngineIsBack()
    {
        await using EngineUnderTest on = await EngineUnderTest.StartAsync();
        ITaskController task = await on.RunAsync(EngineUnderTest.TaskOf("task1", c => c.Args.Add(["sleep", "1d"])));
        Task wait = task.WaitAsync(Cancel);

        await on.Engine.KillAsync(Cancel);
        Assert.False(wait.IsCompleted);
        await on.Engine.StartAgainAsync(Cancel);

        await Assert.ThrowsAsync<TaskExitException>(() => wait);
    }

    [Fact]
    public async Task PrepareAsync_AgainAfterTheNodeRestarted_FindsTheContainerAndMakesNone()
    {
        await using EngineUnderTest on = await EngineUnderTest.StartAsync();
        Api.Task task = EngineUnderTest.TaskOf("task1");
        await on.RunAsync(task);
        string[] before = await on.ContainersAsync();

        await on.RestartExecutorAsync();
        ITaskController again = on.Controller(task);
        var prepared = await Assert.ThrowsAsync<TaskControllerException>(() => again.PrepareAsync(Cancel));
        var started = await Assert.ThrowsAsync<TaskControllerException>(() => again.StartAsync(Cancel));

        Assert.Equal(TaskControllerErrorKind.AlreadyPrepared, prepared.Kind);
        Assert.Equal(TaskControllerErrorKind.AlreadyStarted, started.Kind);
        Assert.Equal(before, await on.ContainersAsync());
    }

    [Fact]
    public async Task ReconcileAsync_NoTaskKnown_OwnContainersGoAndForeignStay()
    {
        await using EngineUnderTest on = await EngineUnderTest.StartAsync();
        await on.RunAsync(EngineUnderTest.TaskOf("task1"));
        string plain = await ForeignAsync(on, "plain", []);
        // As Docker's own swarm mode marks them, and as another node of a cluster of ours on the same engine does.
        string swarm = await ForeignAsync(on, "swarm", new() { ["com.docker.swarm.task.id"] = "task1", ["com.docker.swarm.node.id"] = "node1" });
        string other = await ForeignAsync(on, "other", new() { ["swarm.owner.node.id"] = "node2", ["com.docker.swarm.task.id"] = "task1" });

        await on.RestartExecutorAsync();
        await on.Executor.ReconcileAsync([], Cancel);

        Assert.Equal(new[] { plain, swarm, other }.Order(), (await on.ContainersAsync()).Order());
    }

    [Fact]
    public async Task PrepareAsync_ForeignContainerHasItsName_IsRefusedAndLeavesItAlone()
    {
        await using EngineUnderTest on = await EngineUnderTest.StartAsync();
        string foreign = await ForeignAsync(on, "web.1.task1", []);
        ITaskController task = on.Controller(EngineUnderTest.TaskOf("task1"));

        var refused = await Assert.ThrowsAsync<TaskControllerException>(() => task.PrepareAsync(Cancel));
        Assert.Contains("web.1.task1", refused.Message, StringComparison.Ordinal);
        await task.ShutdownAsync(Cancel);
        await task.RemoveAsync(Cancel);

        Assert.Equal([foreign], await on.ContainersAsync());
        Assert.True((await on.StateAsync(foreign)).Running);
    }

    private static Task KillAsync(EngineUnderTest on, string id) =>
        on.Others.Containers.KillContainerAsync(id, new ContainerKillParameters { Signal = "SIGKILL" }, Cancel);

    private static async Task<string> ForeignAsync(EngineUnderTest on, string name, Dictionary<string, string> labels)
    {
        CreateContainerResponse made = await on.Others.Containers.CreateContainerAsync(
            new CreateContainerParameters { Name = name, Image = PrivateEngine.Image, Labels = labels }, Cancel);
        await on.Others.Containers.StartContainerAsync(made.ID, new ContainerStartParameters(), Cancel);
        return made.ID;
    }
}
