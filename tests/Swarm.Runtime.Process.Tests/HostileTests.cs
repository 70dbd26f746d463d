// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Api.Ext;
using static Swarm.Runtime.Process.Tests.ExecutorFixture;

namespace Swarm.Runtime.Process.Tests;

/// <summary>What tasks, crowds and machines do to an executor.</summary>
public sealed class HostileTests : IAsyncDisposable
{
    private readonly ExecutorFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Shutdown_DoubleForkedDaemonWithoutEnvironment_IsKnownByItsOutput()
    {
        ITaskController controller = await _fixture.StartAsync(
            "(setsid env -i /bin/sh -c 'sleep 1000 & echo child $!; exit' &) ; while :; do sleep 0.05; done");
        string child = await SaidAsync(controller, "child ");
        await controller.ShutdownAsync();
        Assert.False(IsAlive(child));
    }

    [Fact]
    public async Task Start_HundredAtOnce_EachRunsOnceAndAllEnd()
    {
        const int count = 100;
        ITaskController[] controllers = await Task.WhenAll(Enumerable.Range(0, count).Select(
            i => Task.Run(() => _fixture.StartAsync($"echo task {i}; exec sleep 1000", $"t{i}"))));
        for (int i = 0; i < count; i++)
        {
            Assert.Equal($"{i}", await SaidAsync(controllers[i], "task "));
        }

        await Task.WhenAll(controllers.Select(static controller => controller.ShutdownAsync()));
        foreach (ITaskController controller in controllers)
        {
            Assert.Equal(143, (await ExitAsync(controller)).ExitCode);
            Assert.Single(await LogsAsync(controller));
        }

        await Task.WhenAll(controllers.Select(static controller => controller.RemoveAsync()));
        Assert.Empty(Directory.GetFileSystemEntries(_fixture.TasksDirectory));
    }

    [Fact]
    public async Task Output_Flood_LeavesTheDiskBoundedAndKeepsTheEnd()
    {
        _fixture.Options.LogBytesMax = 1024 * 1024;
        ITaskController controller = await _fixture.StartAsync("yes 0123456789abcdef | head -c 100000000; echo; echo the end");
        await WaitAsync(controller);
        string[] lines = await LogsAsync(controller);
        Assert.Equal("the end", lines[^1]);
        Assert.InRange(lines.Length, 1000, 70_000);
        string logs = Path.Combine(_fixture.TasksDirectory, "t1", "log");
        long kept = Directory.GetFiles(logs, "lines*").Sum(static path => new FileInfo(path).Length);
        Assert.InRange(kept, 1, (1024 * 1024) + (64 * 1024));
    }

    [Fact]
    public async Task Output_BinaryWithoutNewline_ComesBackByteByByte()
    {
        ITaskController controller = await _fixture.StartAsync(@"printf '\000\001\377\376\r\n\200'; printf 'x\000y' >&2");
        await WaitAsync(controller);
        var seen = new Dictionary<LogStream, List<string>> { [LogStream.Stdout] = [], [LogStream.Stderr] = [] };
        await foreach (TaskLogLine line in ((ITaskLogSource)controller).ReadLogsAsync(new LogSubscriptionOptions()))
        {
            seen[line.Stream].Add(Convert.ToHexString(line.Data.Span));
        }

        Assert.Equal(["0001FFFE0D", "80"], seen[LogStream.Stdout]);
        Assert.Equal(["780079"], seen[LogStream.Stderr]);
    }

    [Fact]
    public async Task Logs_OfATaskThatEnded_FollowTailAndEndAlsoAfterARestart()
    {
        ProcessSpec spec = Shell("for i in 1 2 3 4; do echo $i; done");
        await WaitAsync(await _fixture.StartAsync(spec));
        await _fixture.RestartAsync();
        ITaskController again = _fixture.Controller(spec);
        await WaitAsync(again);
        Assert.Equal(["3", "4"], await LogsAsync(again, new LogSubscriptionOptions { Follow = true, Tail = -3 }));
        Assert.Empty(await LogsAsync(again, new LogSubscriptionOptions { Follow = true, Tail = -1 }));
    }

    [Fact]
    public async Task Wait_RecordIsDamaged_FailsAndNothingOfTheTaskGoesOn()
    {
        ProcessSpec spec = Shell("echo pid $$; sleep 1000");
        string pid = await SaidAsync(await _fixture.StartAsync(spec), "pid ");
        await DamageAsync();
        await Assert.ThrowsAsync<TaskControllerException>(() => WaitAsync(_fixture.Controller(spec)));
        Assert.False(IsAlive(pid));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task End_RecordIsDamaged_EndsTheProcesses(bool remove)
    {
        ProcessSpec spec = Shell("echo pid $$; sleep 1000");
        string pid = await SaidAsync(await _fixture.StartAsync(spec), "pid ");
        await DamageAsync();
        ITaskController controller = _fixture.Controller(spec);
        await (remove ? controller.RemoveAsync() : controller.ShutdownAsync());
        Assert.False(IsAlive(pid));
    }

    [Fact]
    public async Task Launch_RecordCannotBeWritten_StartsNothingAndCanBeTriedAgain()
    {
        ITaskController controller = _fixture.Controller(Shell("echo ran"));
        await controller.PrepareAsync();
        string obstacle = Path.Combine(_fixture.TasksDirectory, "t1", "task.json.tmp");
        Directory.CreateDirectory(obstacle);
        await Assert.ThrowsAsync<TaskControllerException>(() => controller.StartAsync());
        ProcessScan scan = await new ProcessScanner().ScanAsync();
        Assert.Empty(scan.ByTask[Path.Combine(_fixture.TasksDirectory, "t1", "work")]);
        Directory.Delete(obstacle);
        await controller.StartAsync();
        await WaitAsync(controller);
        Assert.Equal(["ran"], await LogsAsync(controller));
    }

    [Fact]
    public async Task Start_SecretsLostWithTheMachinesMemory_ArePutBackFirst()
    {
        Api.Task task = _fixture.Task(Shell("cat $SWARM_SECRETS_DIR/password"));
        task.Spec.ResourceReferences.Add(new ResourceReference { ResourceId = "id1", ResourceType = ResourceType.Secret });
        ITaskController controller = _fixture.Executor.CreateController(task, new OneSecret());
        await controller.PrepareAsync();
        string directory = _fixture.Record().DependencyDirectory;
        await _fixture.LetGoAsync();
        new DependencyFiles(_fixture.Options).Delete(directory);
        _fixture.TakeOver();
        ITaskController again = _fixture.Executor.CreateController(task, new OneSecret());
        await again.StartAsync();
        await WaitAsync(again);
        Assert.Equal(["hush"], await LogsAsync(again));
        Assert.False(Directory.Exists(directory));
    }

    [Fact]
    public void Report_TextWithoutAnEnd_DoesNotCountAndLaterTextFindsRoom()
    {
        string path = Path.Combine(_fixture.Options.StateDirectory, "report");
        using (var file = SupervisorReport.Create(path))
        {
            Assert.Equal(default, SupervisorReport.Read(path));
            long room = RandomAccess.GetLength(file);
            RandomAccess.Write(file, "pid 12"u8, 0);
            Assert.Null(SupervisorReport.Read(path).CommandPid);
            RandomAccess.Write(file, "pid 123\nexit 4\n"u8, 0);
            Assert.Equal(new SupervisorReport(123, 4), SupervisorReport.Read(path));
            Assert.Equal(room, RandomAccess.GetLength(file));
        }

        File.Delete(path);
    }

    [Fact]
    public async Task Signal_NumberIsSomebodyElsesNow_IsNotSent()
    {
        ITaskController controller = await _fixture.StartAsync("echo pid $$; sleep 1000");
        string pid = await SaidAsync(controller, "pid ");
        ProcessEntry process = ProcessTable.Read(int.Parse(pid))!.Value;
        Assert.False(ProcessTable.Signal(process with { StartTime = process.StartTime + 1 }, StopSignal.Kill));
        Assert.True(IsAlive(pid));
        Assert.True(ProcessTable.Signal(process, StopSignal.Kill));
        Assert.Equal(137, (await ExitAsync(controller)).ExitCode);
    }

    private async Task DamageAsync()
    {
        await _fixture.LetGoAsync();
        File.WriteAllText(Path.Combine(_fixture.TasksDirectory, "t1", "task.json"), "{ not json");
        _fixture.TakeOver();
    }

    private sealed class OneSecret : ITaskDependencies
    {
        public Secret GetSecret(string id) => new()
        {
            Id = id, Spec = new SecretSpec { Annotations = new Annotations { Name = "password" }, Data = ByteString.CopyFromUtf8("hush") },
        };

        public Config? GetConfig(string id) => null;
    }
}
