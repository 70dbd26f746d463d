// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Api.Ext;
using static Swarm.Runtime.Process.Tests.ExecutorFixture;

namespace Swarm.Runtime.Process.Tests;

/// <summary>An agent goes away and comes back: nothing runs twice, nothing is lost, nobody else's process is touched.</summary>
public sealed class AdoptionTests : IAsyncDisposable
{
    private readonly ExecutorFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Adopt_RunningTask_IsTheSameProcessAndCanBeStopped()
    {
        ProcessSpec spec = Shell("trap 'exit 6' TERM; echo pid $$; while :; do sleep 0.01; done");
        string pid = await SaidAsync(await _fixture.StartAsync(spec), "pid ");
        await _fixture.RestartAsync();
        ITaskController adopted = _fixture.Controller(spec);
        Assert.Equal(TaskControllerErrorKind.AlreadyStarted, await KindAsync(adopted.StartAsync()));
        Assert.Equal(pid, (await ((IContainerStatusSource)adopted).GetContainerStatusAsync())!.Pid.ToString());
        await adopted.ShutdownAsync();
        Assert.False(IsAlive(pid));
        Assert.Equal(6, (await ExitAsync(adopted)).ExitCode);
    }

    [Fact]
    public async Task Adopt_TaskThatEndedUnwatched_ItsExitCodeAndOutputAreKnown()
    {
        ProcessSpec spec = Shell("trap 'echo last words; exit 7' USR1; echo pid $$; while :; do sleep 0.01; done");
        string pid = await SaidAsync(await _fixture.StartAsync(spec), "pid ");
        await _fixture.LetGoAsync();
        _ = LibC.kill(int.Parse(pid), 10);
        AwaitDeath(_fixture.Record().SupervisorPid);
        _fixture.TakeOver();
        ITaskController adopted = _fixture.Controller(spec);
        Assert.Equal(7, (await ExitAsync(adopted)).ExitCode);
        Assert.Equal([$"pid {pid}", "last words"], await LogsAsync(adopted));
    }

    [Fact]
    public async Task Adopt_AgainAndAgain_EachLineOfOutputIsThereOnce()
    {
        ProcessSpec spec = Shell(
            "i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo line $i; [ $((i % 20)) = 0 ] && sleep 0.02; done; printf 'no end'");
        ITaskController controller = await _fixture.StartAsync(spec);
        for (int round = 1; round <= 4; round++)
        {
            await SaidAsync(controller, $"line {round * 10}");
            await _fixture.RestartAsync();
            controller = _fixture.Controller(spec);
        }

        await WaitAsync(controller);
        Assert.Equal(Enumerable.Range(1, 200).Select(static i => $"line {i}").Append("no end"), await LogsAsync(controller));
    }

    [Fact]
    public async Task Adopt_ProcessIdIsSomebodyElsesNow_ThatOneIsLeftAlone()
    {
        ITaskController bystander = await _fixture.StartAsync("echo pid $$; sleep 1000", "bystander");
        string innocent = await SaidAsync(bystander, "pid ");
        int supervisor = _fixture.Record("bystander").SupervisorPid;
        ITaskController controller = await _fixture.StartAsync("exit 0");
        await WaitAsync(controller);
        await _fixture.LetGoAsync();
        File.Delete(Path.Combine(_fixture.TasksDirectory, "t1", "report"));
        File.WriteAllText(Path.Combine(_fixture.TasksDirectory, "t1", "report"), $"pid {innocent}\n");
        _fixture.Rewrite(record => record with { SupervisorPid = supervisor, SupervisorStartTime = 12345 });
        _fixture.TakeOver();
        ITaskController adopted = _fixture.Controller(Shell("exit 0"));
        TaskExitException exit = await ExitAsync(adopted);
        Assert.Equal(TaskExitException.UnknownExitCode, exit.ExitCode);
        Assert.Contains("not known", exit.Message);
        await adopted.ShutdownAsync();
        await adopted.RemoveAsync();
        Assert.True(IsAlive(innocent));
        Assert.True(IsAlive(supervisor.ToString()));
    }

    [Fact]
    public async Task Adopt_RecordOfAnEarlierBoot_TouchesNothing()
    {
        ITaskController controller = await _fixture.StartAsync("echo pid $$; sleep 1000");
        string pid = await SaidAsync(controller, "pid ");
        TaskRecord record = _fixture.Record();
        await _fixture.LetGoAsync();
        _fixture.Rewrite(old => old with { BootId = "11111111-2222-3333-4444-555555555555", TaskId = "t1" });

        // The living process carries t1's directory; the record becomes another task's, so only its numbers point at the process.
        Directory.Move(Path.Combine(_fixture.TasksDirectory, "t1"), Path.Combine(_fixture.TasksDirectory, "t2"));
        _fixture.TakeOver();
        ITaskController adopted = _fixture.Controller(Shell("exit 0"), "t2");
        Assert.Equal(TaskExitException.UnknownExitCode, (await ExitAsync(adopted)).ExitCode);
        Assert.True(IsAlive(pid));
        _ = LibC.kill(record.SupervisorPid, StopSignal.Kill);
        _ = LibC.kill(int.Parse(pid), StopSignal.Kill);
    }

    [Fact]
    public async Task Adopt_AgentDiedBeforeTheWordToGo_TheTaskStartsOnce()
    {
        ITaskController controller = _fixture.Controller(Shell("echo ran"));
        await controller.PrepareAsync();
        await _fixture.LetGoAsync();

        // The supervisor has left without a report; its number is free, or somebody else's.
        _fixture.Rewrite(static record => record with { BootId = ProcessTable.BootId, SupervisorPid = 1, SupervisorStartTime = 1 });
        _fixture.TakeOver();
        ITaskController again = _fixture.Controller(Shell("echo ran"));
        Assert.Equal(TaskControllerErrorKind.AlreadyPrepared, await KindAsync(again.PrepareAsync()));
        await again.StartAsync();
        await WaitAsync(again);
        Assert.Equal(["ran"], await LogsAsync(again));
    }

    [Fact]
    public async Task Adopt_SupervisorWasKilled_TheCommandDiesAndTheExitCodeIsUnknown()
    {
        ProcessSpec spec = Shell("echo pid $$; sleep 1000");
        ITaskController controller = await _fixture.StartAsync(spec);
        string pid = await SaidAsync(controller, "pid ");
        _ = LibC.kill(_fixture.Record().SupervisorPid, StopSignal.Kill);
        Assert.Equal(TaskExitException.UnknownExitCode, (await ExitAsync(controller)).ExitCode);
        Assert.False(IsAlive(pid));
    }

    [Fact]
    public async Task Adopt_DamagedRecord_IsPreparedAnewAndTheOldProcessDies()
    {
        ProcessSpec spec = Shell("echo pid $$; sleep 1000");
        string pid = await SaidAsync(await _fixture.StartAsync(spec), "pid ");
        await _fixture.LetGoAsync();
        File.WriteAllText(Path.Combine(_fixture.TasksDirectory, "t1", "task.json"), "{ not json");
        _fixture.TakeOver();
        ITaskController controller = _fixture.Controller(spec);
        await controller.PrepareAsync();
        Assert.False(IsAlive(pid));
        await controller.StartAsync();
        Assert.NotEqual(pid, await SaidAsync(controller, "pid "));
    }

    [Fact]
    public async Task Adopt_AgentKilledBySignalNine_TheTaskLivesOnAndIsFoundAgain()
    {
        await _fixture.LetGoAsync();
        (int agent, string taskPid) = KilledAgent.StartTask(_fixture.Options.StateDirectory);
        _ = LibC.kill(agent, StopSignal.Kill);
        AwaitDeath(agent);
        _ = LibC.waitpid(agent, out _, 0);
        Assert.True(IsAlive(taskPid));
        _fixture.TakeOver();
        ITaskController adopted = _fixture.Controller(KilledAgent.Spec);
        await SaidAsync(adopted, "tick");
        await adopted.ShutdownAsync();
        Assert.Equal(9, (await ExitAsync(adopted)).ExitCode);
        Assert.False(IsAlive(taskPid));
    }

    [Theory]
    [InlineData(nameof(KilledAgent.Point.Prepared))]
    [InlineData(nameof(KilledAgent.Point.Spawned))]
    [InlineData(nameof(KilledAgent.Point.Recorded))]
    [InlineData(nameof(KilledAgent.Point.Gone))]
    public async Task Adopt_AgentKilledAtAnyPointOfAStart_TheTaskRunsExactlyOnce(string point)
    {
        string state = _fixture.Options.StateDirectory;
        await _fixture.LetGoAsync();
        await KilledAgent.DieAtAsync(state, Enum.Parse<KilledAgent.Point>(point));
        await EndOfSupervisorAsync(point);
        _fixture.TakeOver();
        ITaskController controller = _fixture.Controller(KilledAgent.CountedSpec(state));
        foreach (var step in new Func<CancellationToken, Task>[] { controller.PrepareAsync, controller.StartAsync })
        {
            try
            {
                await step(TestContext.Current.CancellationToken);
            }
            catch (TaskControllerException e)
            {
                Assert.True(e.Kind is TaskControllerErrorKind.AlreadyPrepared or TaskControllerErrorKind.AlreadyStarted, e.Message);
            }
        }

        await SaidAsync(controller, "ran");
        Assert.Equal(1, KilledAgent.Runs(state));
        ProcessScan scan = await new ProcessScanner().ScanAsync();
        Assert.Single(scan.ByTask[Path.Combine(_fixture.TasksDirectory, "t1", "work")].GroupBy(pid => ProcessTable.Read(pid)?.Session));
        await controller.RemoveAsync();
    }

    [Fact]
    public async Task Adopt_OutputWasDeletedByHand_TheTaskGoesOnAndCanBeStopped()
    {
        ProcessSpec spec = Shell("echo pid $$; sleep 1000");
        string pid = await SaidAsync(await _fixture.StartAsync(spec), "pid ");
        await _fixture.LetGoAsync();
        File.Delete(Path.Combine(_fixture.TasksDirectory, "t1", "log", "stdout.raw"));
        _fixture.TakeOver();
        ITaskController adopted = _fixture.Controller(spec);
        Assert.True(IsAlive(pid));
        await adopted.ShutdownAsync();
        Assert.Equal(143, (await ExitAsync(adopted)).ExitCode);
    }

    [Fact]
    public async Task Dispose_WhileSomebodyWaits_TheWaitSaysThatTheExecutorIsGone()
    {
        ITaskController controller = await _fixture.StartAsync("echo ready; sleep 1000");
        await SaidAsync(controller, "ready");
        Task wait = controller.WaitAsync();
        await _fixture.RestartAsync();
        Assert.Equal(TaskControllerErrorKind.Closed, await KindAsync(wait));
    }

    [Fact]
    public async Task Follow_BeforeTheTaskIsPrepared_WaitsForItsFirstLine()
    {
        ITaskController controller = _fixture.Controller(Shell("echo hello; sleep 1000"));
        Task<string> said = SaidAsync(controller, "hel");
        Assert.False(said.IsCompleted);
        await controller.PrepareAsync();
        await controller.StartAsync();
        Assert.Equal("lo", await said);
    }

    [Fact]
    public async Task Poll_TaskWritesItsPort_TheStatusChangesAndIsKeptOverARestart()
    {
        ProcessSpec spec = Shell("printf 8080 > $SWARM_PORTS_FILE; echo done; sleep 1000");
        ITaskController controller = _fixture.Controller(spec);
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ((ITaskStatusNotifier)controller).StatusChanged += (_, _) => changed.TrySetResult();
        await controller.PrepareAsync();
        await controller.StartAsync();
        await changed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        PortConfig port = Assert.Single((await ((IPortStatusSource)controller).GetPortStatusAsync())!.Ports);
        Assert.Equal((8080u, PortConfig.Types.PublishMode.Host), (port.PublishedPort, port.PublishMode));

        await _fixture.LetGoAsync();
        _fixture.TakeOver();
        ITaskController adopted = _fixture.Controller(spec);
        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ((ITaskStatusNotifier)adopted).StatusChanged += (_, _) => again.TrySetResult();
        if (await ((IPortStatusSource)adopted).GetPortStatusAsync() is null)
        {
            await again.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }

        Assert.Equal(8080u, Assert.Single((await ((IPortStatusSource)adopted).GetPortStatusAsync())!.Ports).PublishedPort);
    }

    // A supervisor whose agent died before the word to go leaves by itself.
    private async Task EndOfSupervisorAsync(string point)
    {
        string marker = Path.Combine(_fixture.TasksDirectory, "t1", "work");
        while (point is nameof(KilledAgent.Point.Spawned) or nameof(KilledAgent.Point.Recorded)
            && (await new ProcessScanner().ScanAsync()).ByTask[marker].Any())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }
}
