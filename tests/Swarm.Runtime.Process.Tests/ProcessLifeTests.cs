// SPDX-License-Identifier: Apache-2.0
using Swarm.Api.Ext;
using static Swarm.Runtime.Process.Tests.ExecutorFixture;

namespace Swarm.Runtime.Process.Tests;

public sealed class ProcessLifeTests : IAsyncDisposable
{
    private readonly ExecutorFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Wait_ExitCodeZero_Returns()
    {
        ITaskController controller = await _fixture.StartAsync("exit 0");
        await WaitAsync(controller);
        Assert.Equal(0, (await ((IContainerStatusSource)controller).GetContainerStatusAsync())!.ExitCode);
    }

    [Theory]
    [InlineData("exit 3", 3, "task: non-zero exit (3)")]
    [InlineData("kill -KILL $$", 137, "task: non-zero exit (137, as by SIGKILL)")]
    [InlineData("kill -SEGV $$", 139, "task: non-zero exit (139, as by SIGSEGV)")]
    public async Task Wait_OtherEnd_ThrowsTheExitCode(string script, int code, string message)
    {
        ITaskController controller = await _fixture.StartAsync(script);
        TaskExitException exit = await ExitAsync(controller);
        Assert.Equal((code, message), (exit.ExitCode, exit.Message));
        Assert.Equal(code, (await ((IContainerStatusSource)controller).GetContainerStatusAsync())!.ExitCode);
    }

    [Fact]
    public async Task Start_ArgumentsOfAllKinds_ArePassedAsTheyAre()
    {
        string[] arguments = ["a b", "", "$HOME \"quoted\" 'single' `x` \\ ; & |", "-n", "ü€"];
        var spec = new ProcessSpec { Command = "printf", Args = { "<%s>\n" } };
        spec.Args.Add(arguments);
        Assert.Equal(arguments.Select(static a => $"<{a}>"), await _fixture.OutputAsync(spec));
    }

    [Fact]
    public async Task Start_Environment_HoldsTheTaskAndNothingOfTheAgent()
    {
        Environment.SetEnvironmentVariable("SWARM_TEST_SECRET_OF_THE_AGENT", "x");
        var spec = new ProcessSpec { Command = "env", Env = { "COLOUR=blue=green", "SWARM_TASK_SLOT=99", "EMPTY=" } };
        string[] lines = await _fixture.OutputAsync(spec);
        string directory = Path.Combine(_fixture.TasksDirectory, "t1");
        Assert.Subset(lines.ToHashSet(), new HashSet<string>
        {
            "SWARM_SERVICE_NAME=web", "SWARM_SERVICE_ID=s1", "SWARM_TASK_ID=t1", "SWARM_NODE_ID=n1", "SWARM_TASK_NAME=web.3.t1",
            "SWARM_TASK_SLOT=99", "COLOUR=blue=green", "EMPTY=",
            $"SWARM_TASK_DIR={directory}/work", $"SWARM_PORTS_FILE={directory}/run/ports",
        });
        Assert.DoesNotContain(lines, static line => line.StartsWith("SWARM_TEST_SECRET") || line.StartsWith("SWARM_SUPERVISOR"));
    }

    [Fact]
    public async Task Start_WithoutDirectory_RunsInOneOfItsOwn() =>
        Assert.Equal([Path.Combine(_fixture.TasksDirectory, "t1", "work")], await _fixture.OutputAsync(Shell("pwd; touch here")));

    [Fact]
    public async Task Start_WithDirectory_RunsThere()
    {
        ProcessSpec spec = Shell("pwd");
        spec.Dir = "/usr";
        Assert.Equal(["/usr"], await _fixture.OutputAsync(spec));
    }

    [Fact]
    public async Task Start_AnyProcess_HasCleanDescriptorsSignalsAndInput()
    {
        string[] lines = await _fixture.OutputAsync(Shell("cat; echo input ended; echo $(ls /proc/self/fd); grep SigBlk /proc/self/status; "
            + "grep SigIgn /proc/self/status | grep -o '........$'"));

        // 3 is the directory that ls reads. The bit that is left is signal 32, which glibc keeps for itself.
        Assert.Equal(["input ended", "0 1 2 3", "SigBlk:\t0000000000000000", "80000000"], lines);
    }

    [Fact]
    public async Task Shutdown_DefaultSignal_LetsTheProcessEndItself()
    {
        ITaskController controller = await _fixture.StartAsync("trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done");
        await SaidAsync(controller, "ready");
        await controller.ShutdownAsync();
        await WaitAsync(controller);
        Assert.Equal(["ready", "bye"], await LogsAsync(controller));
    }

    [Theory]
    [InlineData("SIGUSR1")]
    [InlineData("usr1")]
    [InlineData("10")]
    public async Task Shutdown_OwnSignal_IsTheOneSent(string signal)
    {
        ProcessSpec spec = Shell("trap 'echo got it; exit 5' USR1; echo ready; while :; do sleep 0.01; done");
        spec.StopSignal = signal;
        ITaskController controller = await _fixture.StartAsync(spec);
        await SaidAsync(controller, "ready");
        await controller.ShutdownAsync();
        Assert.Equal(5, (await ExitAsync(controller)).ExitCode);
    }

    [Fact]
    public async Task Shutdown_ProcessIgnoresTheSignal_IsKilledAfterTheGrace()
    {
        ProcessSpec spec = Shell("trap '' TERM; echo pid $$; while :; do sleep 0.01; done");
        spec.StopGracePeriod = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromMilliseconds(300));
        ITaskController controller = await _fixture.StartAsync(spec);
        string pid = await SaidAsync(controller, "pid ");
        long begin = TimeProvider.System.GetTimestamp();
        await controller.ShutdownAsync();
        Assert.True(TimeProvider.System.GetElapsedTime(begin) >= TimeSpan.FromMilliseconds(300));
        Assert.False(IsAlive(pid));
        Assert.Equal(137, (await ExitAsync(controller)).ExitCode);
    }

    [Fact]
    public async Task Terminate_RunningProcess_KillsItWithoutGrace()
    {
        ITaskController controller = await _fixture.StartAsync("trap '' TERM; echo pid $$; while :; do sleep 0.01; done");
        string pid = await SaidAsync(controller, "pid ");
        await controller.TerminateAsync();
        Assert.False(IsAlive(pid));
    }

    [Fact]
    public async Task Shutdown_NeverStartedOrEnded_Returns()
    {
        ITaskController controller = _fixture.Controller(Shell("exit 0"));
        await controller.ShutdownAsync();
        await controller.PrepareAsync();
        await controller.ShutdownAsync();
        await controller.StartAsync();
        await WaitAsync(controller);
        await controller.ShutdownAsync();
        await controller.TerminateAsync();
    }

    [Theory]
    [InlineData("sleep 1000 & echo child $!; wait")]
    [InlineData("(setsid sleep 1000 & echo child $!) & wait; sleep 1000")]
    [InlineData("(setsid sh -c 'sleep 1000 & echo child $!; wait' &) ; sleep 1000")]
    [InlineData("(env -i sh -c 'sleep 1000 & echo child $!' &) ; sleep 1000")]
    public async Task Shutdown_ChildrenOfAnyDescent_DieToo(string script)
    {
        ITaskController controller = await _fixture.StartAsync(script);
        string child = await SaidAsync(controller, "child ");
        Assert.True(IsAlive(child));
        await controller.ShutdownAsync();
        Assert.False(IsAlive(child));
    }

    [Fact]
    public async Task Wait_CommandLeavesADaemonBehind_TheDaemonDiesWithIt()
    {
        ITaskController controller = await _fixture.StartAsync(
            "(setsid sh -c 'sleep 1000 & echo child $!; touch up; wait' &); while ! [ -e up ]; do sleep 0.01; done; exit 4");
        string child = await SaidAsync(controller, "child ");
        Assert.Equal(4, (await ExitAsync(controller)).ExitCode);
        Assert.False(IsAlive(child));
    }

    [Fact]
    public async Task Shutdown_ChildThatLeavesSessionAndEnvironment_DiesWhereThereAreCgroups()
    {
        _fixture.Options.CgroupDirectory = null;
        await _fixture.RestartAsync();
        ITaskController controller = await _fixture.StartAsync(
            "(setsid env -i /bin/sh -c 'sleep 1000 & echo child $!; wait' &) ; sleep 1000");
        string child = await SaidAsync(controller, "child ");
        bool hasCgroup = _fixture.Record().Cgroup is not null;
        await controller.ShutdownAsync();
        Assert.Equal(!hasCgroup, IsAlive(child));
        if (!hasCgroup)
        {
            _ = LibC.kill(int.Parse(child), StopSignal.Kill);
        }

        await controller.RemoveAsync();
        Assert.False(hasCgroup && Directory.Exists(Path.Combine(TaskCgroup.FindBase(_fixture.Options)!, "t1")));
    }

    [Fact]
    public async Task Start_Twice_IsRefusedAlsoByANewController()
    {
        ProcessSpec spec = Shell("echo started; sleep 1000");
        ITaskController first = await _fixture.StartAsync(spec);
        await SaidAsync(first, "started");
        ITaskController second = _fixture.Controller(spec);
        Assert.Equal(TaskControllerErrorKind.AlreadyStarted, await KindAsync(first.StartAsync()));
        Assert.Equal(TaskControllerErrorKind.AlreadyPrepared, await KindAsync(second.PrepareAsync()));
        Assert.Equal(TaskControllerErrorKind.AlreadyStarted, await KindAsync(second.StartAsync()));
        Assert.Equal(["started"], await LogsAsync(second));
        await second.ShutdownAsync();
        await ExitAsync(first);
    }

    [Fact]
    public async Task Start_NotPrepared_IsRefused() =>
        Assert.Equal("task t1 has not been prepared", (await Assert.ThrowsAsync<TaskControllerException>(
            () => _fixture.Controller(Shell("exit 0")).StartAsync())).Message);

    [Fact]
    public async Task Remove_RunningTask_LeavesNothing()
    {
        ITaskController controller = await _fixture.StartAsync("mkdir -p a/b; touch a/b/c; chmod 0 a/b; echo pid $$; sleep 1000");
        string pid = await SaidAsync(controller, "pid ");
        string dependencies = _fixture.Record().DependencyDirectory;
        Assert.True(Directory.Exists(dependencies));
        await controller.RemoveAsync();
        Assert.False(IsAlive(pid));
        Assert.False(Directory.Exists(dependencies));
        Assert.Empty(Directory.GetFileSystemEntries(_fixture.TasksDirectory));
    }

    [Fact]
    public async Task Reconcile_UnknownTask_IsEndedAndKnownStays()
    {
        string gone = await SaidAsync(await _fixture.StartAsync("echo pid $$; sleep 1000", "gone"), "pid ");
        ITaskController kept = await _fixture.StartAsync("echo pid $$; sleep 1000", "kept");
        string stays = await SaidAsync(kept, "pid ");
        await _fixture.RestartAsync();
        await _fixture.Executor.ReconcileAsync(["kept", "never-heard-of"]);
        Assert.False(IsAlive(gone));
        Assert.True(IsAlive(stays));
        Assert.Equal(["kept"], Directory.GetDirectories(_fixture.TasksDirectory).Select(static path => Path.GetFileName(path)!));
    }

    [Fact]
    public async Task Reconcile_ProcessWhoseDirectoryIsGone_IsEnded()
    {
        ITaskController controller = await _fixture.StartAsync("echo pid $$; sleep 1000");
        string pid = await SaidAsync(controller, "pid ");
        await _fixture.LetGoAsync();
        Directory.Delete(Path.Combine(_fixture.TasksDirectory, "t1"), recursive: true);
        _fixture.TakeOver();
        await _fixture.Executor.ReconcileAsync([]);
        Assert.False(IsAlive(pid));
    }

    [Fact]
    public async Task Close_ThenAnyCall_IsRefusedAndTheTaskGoesOn()
    {
        ITaskController controller = await _fixture.StartAsync("echo pid $$; sleep 1000");
        string pid = await SaidAsync(controller, "pid ");
        await controller.DisposeAsync();
        Assert.Equal(TaskControllerErrorKind.Closed, await KindAsync(controller.WaitAsync()));
        Assert.True(IsAlive(pid));
    }
}
