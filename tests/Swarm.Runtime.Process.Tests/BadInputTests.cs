// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Core;

namespace Swarm.Runtime.Process.Tests;

public sealed class BadInputTests : IAsyncDisposable
{
    private readonly ExecutorFixture _fixture = new();

    public static TheoryData<ProcessSpec, string> Refused => new()
    {
        { new ProcessSpec(), "no command given" },
        { new ProcessSpec { Command = "no-such-program-xyz" }, "command not found: no-such-program-xyz (PATH is " },
        { new ProcessSpec { Command = "/no/such/program" }, "command not found: /no/such/program" },
        { new ProcessSpec { Command = "/etc/passwd" }, "command is not executable: /etc/passwd" },
        { new ProcessSpec { Command = "/usr" }, "command is a directory: /usr" },
        { new ProcessSpec { Command = "bin/sh" }, "command must be an absolute path, or a name to look up in PATH: bin/sh" },
        { new ProcessSpec { Command = "sh", Dir = "/no/such/dir" }, "working directory does not exist: /no/such/dir" },
        { new ProcessSpec { Command = "sh", Dir = "/etc/passwd" }, "working directory is not a directory: /etc/passwd" },
        { new ProcessSpec { Command = "sh", Dir = "usr" }, "working directory must be an absolute path: usr" },
        { new ProcessSpec { Command = "sh", User = "no-such-user" }, "unknown user: no-such-user" },
        { new ProcessSpec { Command = "sh", User = "root:no-such-group" }, "unknown group: no-such-group" },
        { new ProcessSpec { Command = "sh", User = "54321" }, "unknown user: 54321 (a uid without an entry needs a group too" },
        { new ProcessSpec { Command = "sh", StopSignal = "SIGWHAT" }, "unknown stop signal: SIGWHAT (give a name such as SIGTERM" },
        { new ProcessSpec { Command = "sh", StopSignal = "65" }, "unknown stop signal: 65 " },
        { new ProcessSpec { Command = "sh", Env = { "NOVALUE" } }, "environment variable 'NOVALUE' is not of the form NAME=VALUE" },
        { new ProcessSpec { Command = "sh", Env = { "a.b=c" } }, "environment variable name 'a.b' must be letters" },
        { new ProcessSpec { Command = "sh", Env = { "SWARM_TASK_ID=x" } }, "environment variable SWARM_TASK_ID is set by the executor" },
        { new ProcessSpec { Command = "sh", Args = { "a\0b" } }, "command, arguments, environment and directory cannot contain a NUL" },
        {
            new ProcessSpec { Command = "sh", Args = { new string('x', 128 * 1024) } },
            "an argument or a variable is longer than the 131071 bytes that the system takes"
        },
        {
            new ProcessSpec { Command = "sh", StopGracePeriod = Duration.FromTimeSpan(TimeSpan.FromSeconds(-1)) },
            "the stop grace period must not be negative"
        },
    };

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Prepare_BadSpecification_IsRefusedWithTheReasonAndLeavesNothing(ProcessSpec spec, string reason)
    {
        ITaskController controller = _fixture.Controller(spec);
        var error = await Assert.ThrowsAsync<TaskControllerException>(() => controller.PrepareAsync());
        Assert.StartsWith(reason, error.Message);
        TaskOutcome outcome = TaskOutcome.From(TaskOperation.Prepare, error);
        Assert.Equal(TaskState.Rejected, TaskStateMachine.After(TaskState.Preparing, TaskState.Running, outcome).State);
        Assert.Empty(Directory.GetFileSystemEntries(_fixture.TasksDirectory));
    }

    [Fact]
    public async Task Prepare_FileWithoutExecuteBitInPath_SaysThatItIsNotExecutable()
    {
        string folder = Path.Combine(_fixture.Options.StateDirectory, "bin");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "tool"), "#!/bin/sh\n");
        _fixture.Options.SearchPath = folder;
        ITaskController controller = _fixture.Controller(new ProcessSpec { Command = "tool" });
        var error = await Assert.ThrowsAsync<TaskControllerException>(() => controller.PrepareAsync());
        Assert.Equal($"command is not executable: {folder}/tool", error.Message);
    }

    [Fact]
    public async Task Prepare_WrongPayload_SaysSo()
    {
        var broken = new Any { TypeUrl = Any.Pack(new ProcessSpec()).TypeUrl, Value = ByteString.CopyFrom(0xff, 0xff) };
        foreach (Any? payload in new[] { null, Any.Pack(new InProcessSpec()), broken })
        {
            var generic = new GenericRuntimeSpec { Kind = "process", Payload = payload };
            var task = new Api.Task { Id = "t1", Spec = new TaskSpec { Generic = generic } };
            ITaskController controller = _fixture.Executor.CreateController(task, NoTaskDependencies.Instance);
            Assert.Contains("ProcessSpec", (await Assert.ThrowsAsync<TaskControllerException>(() => controller.PrepareAsync())).Message);
        }
    }

    [Theory]
    [InlineData(1L, 0L, "a memory limit cannot be kept on this node")]
    [InlineData(0L, 1L, "a cpu limit cannot be kept on this node")]
    [InlineData(-1L, 0L, "limits of memory and cpu must not be negative")]
    public async Task Prepare_LimitsThatCannotBeKept_AreRefused(long memory, long cpu, string reason)
    {
        Api.Task task = _fixture.Task(ExecutorFixture.Shell("exit 0"));
        task.Spec.Resources = new ResourceRequirements { Limits = new Resources { MemoryBytes = memory, NanoCpus = cpu } };
        ITaskController controller = _fixture.Executor.CreateController(task, NoTaskDependencies.Instance);
        Assert.StartsWith(reason, (await Assert.ThrowsAsync<TaskControllerException>(() => controller.PrepareAsync())).Message);
    }

    [Theory]
    [InlineData("../escape")]
    [InlineData("")]
    [InlineData("a b")]
    public void CreateController_IdThatIsNoName_IsRefused(string id)
    {
        var error = Assert.Throws<SwarmException>(() => _fixture.Controller(ExecutorFixture.Shell("exit 0"), id));
        Assert.Equal(SwarmErrorCode.InvalidArgument, error.Code);
    }

    [Fact]
    public void CreateController_OtherRuntime_IsRefused()
    {
        var task = new Api.Task { Id = "t1", Spec = new TaskSpec { Container = new ContainerSpec() } };
        Assert.False(_fixture.Executor.CanRun(task));
        var error = Assert.Throws<SwarmException>(() => _fixture.Executor.CreateController(task, NoTaskDependencies.Instance));
        Assert.Equal("task t1 needs runtime 'docker', not 'process'", error.Message);
    }

    [Fact]
    public void New_StateDirectoryInUse_IsRefused()
    {
        var error = Assert.Throws<SwarmException>(() => new ProcessExecutor(_fixture.Options));
        Assert.Contains("is in use by another agent", error.Message);
    }

    [Fact]
    public void New_StateDirectoryCannotBeMade_IsRefused()
    {
        var options = new ProcessExecutorOptions { StateDirectory = "/proc/no/such" };
        var error = Assert.Throws<SwarmException>(() => new ProcessExecutor(options));
        Assert.StartsWith("state directory /proc/no/such cannot be", error.Message);
    }

    [Theory]
    [InlineData("", "ProcessExecutorOptions.StateDirectory must be given.")]
    [InlineData("relative", "ProcessExecutorOptions.StateDirectory must be an absolute path.")]
    public void New_BadOptions_AreRefusedByName(string directory, string message) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(
            () => new ProcessExecutor(new ProcessExecutorOptions { StateDirectory = directory })).Message);
}
