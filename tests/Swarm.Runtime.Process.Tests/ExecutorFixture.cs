// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Api.Ext;

namespace Swarm.Runtime.Process.Tests;

/// <summary>
/// A process executor over a state directory of its own, and helpers to run shell scripts as tasks. Leaves nothing running.
/// </summary>
internal sealed class ExecutorFixture : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<string> _ids = [];

    public ExecutorFixture()
    {
        Options = new ProcessExecutorOptions
        {
            StateDirectory = Directory.CreateTempSubdirectory("swarm-process-test-").FullName,
            PollInterval = TimeSpan.FromMilliseconds(10),
            CgroupDirectory = "",
        };
        // Other users pass through to their directories below.
        File.SetUnixFileMode(Options.StateDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        Executor = new ProcessExecutor(Options);
    }

    public ProcessExecutorOptions Options { get; }

    public ProcessExecutor Executor { get; private set; }

    public string TasksDirectory => Path.Combine(Options.StateDirectory, "tasks");

    /// <summary>What an agent does that was killed and comes back, but for the killing.</summary>
    public async Task RestartAsync()
    {
        await Executor.DisposeAsync();
        Executor = new ProcessExecutor(Options);
    }

    public Task LetGoAsync() => Executor.DisposeAsync().AsTask();

    public void TakeOver() => Executor = new ProcessExecutor(Options);

    public static ProcessSpec Shell(string script) => new() { Command = "/bin/sh", Args = { "-c", script } };

    public Api.Task Task(ProcessSpec spec, string id = "t1")
    {
        _ids.Add(id);
        return new Api.Task
        {
            Id = id, ServiceId = "s1", Slot = 3, NodeId = "n1",
            ServiceAnnotations = new Annotations { Name = "web" },
            Spec = new TaskSpec { Generic = ProcessExecutor.Pack(spec) },
        };
    }

    public ITaskController Controller(ProcessSpec spec, string id = "t1", ITaskDependencies? dependencies = null) =>
        Executor.CreateController(Task(spec, id), dependencies ?? NoTaskDependencies.Instance);

    public Task<ITaskController> StartAsync(string script, string id = "t1") => StartAsync(Shell(script), id);

    public async Task<ITaskController> StartAsync(ProcessSpec spec, string id = "t1")
    {
        ITaskController controller = Controller(spec, id);
        await controller.PrepareAsync(TestContext.Current.CancellationToken);
        await controller.StartAsync(TestContext.Current.CancellationToken);
        return controller;
    }

    /// <summary>Runs a script to its end and gives its output.</summary>
    public async Task<string[]> OutputAsync(ProcessSpec spec, string id = "t1")
    {
        ITaskController controller = await StartAsync(spec, id);
        await WaitAsync(controller);
        return await LogsAsync(controller);
    }

    public static Task WaitAsync(ITaskController controller) =>
        controller.WaitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);

    public static async Task<TaskExitException> ExitAsync(ITaskController controller) =>
        await Assert.ThrowsAsync<TaskExitException>(() => WaitAsync(controller));

    public static async Task<string[]> LogsAsync(ITaskController controller, LogSubscriptionOptions? options = null)
    {
        var lines = new List<string>();
        await foreach (TaskLogLine line in ((ITaskLogSource)controller).ReadLogsAsync(options ?? new LogSubscriptionOptions()))
        {
            lines.Add(Encoding.UTF8.GetString(line.Data.Span));
        }

        return [.. lines];
    }

    /// <summary>Waits until the task has written a line that starts with a text, and gives the rest of that line.</summary>
    public static async Task<string> SaidAsync(ITaskController controller, string start)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        var options = new LogSubscriptionOptions { Follow = true };
        await foreach (TaskLogLine line in ((ITaskLogSource)controller).ReadLogsAsync(options, limit.Token))
        {
            string text = Encoding.UTF8.GetString(line.Data.Span);
            if (text.StartsWith(start, StringComparison.Ordinal))
            {
                return text[start.Length..].Trim();
            }
        }

        throw new InvalidOperationException($"the task ended without saying '{start}': {string.Join(" / ", await LogsAsync(controller))}");
    }

    /// <summary>Makes a call that its controller refuses, and gives the kind of the refusal.</summary>
    public static async Task<TaskControllerErrorKind> KindAsync(Task call) =>
        (await Assert.ThrowsAsync<TaskControllerException>(() => call)).Kind;

    public static bool IsAlive(string pid) => ProcessTable.Read(int.Parse(pid)) is { IsDead: false };

    /// <summary>Waits in the kernel until a process has ended.</summary>
    public static unsafe void AwaitDeath(int pid)
    {
        using var handle = ProcessWatcher.OpenProcess(pid);
        if (handle is not null)
        {
            var fd = new LibC.PollFd { Fd = (int)handle.DangerousGetHandle(), Events = LibC.PollIn };
            Assert.Equal(1, LibC.poll(&fd, 1, (int)Patience.TotalMilliseconds));
        }
    }

    public TaskRecord Record(string id = "t1") => TaskRecord.Load(Path.Combine(TasksDirectory, id, "task.json"))!;

    public void Rewrite(Func<TaskRecord, TaskRecord> change, string id = "t1") =>
        change(Record(id)).Save(Path.Combine(TasksDirectory, id, "task.json"));

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Executor.ReconcileAsync([]);
        }
        catch (DirectoryNotFoundException)
        {
            // A test that took the directory away has ended its tasks itself.
        }

        await Executor.DisposeAsync();
        Directory.Delete(Options.StateDirectory, recursive: true);
    }
}
