// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Core;

namespace Swarm.Runtime.Tests;

public sealed class InProcessExecutorTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ManualLoop _loop;
    private readonly InProcessExecutor _executor;

    public InProcessExecutorTests()
    {
        _loop = new ManualLoop(_time);
        _executor = new InProcessExecutor(_loop, new InProcessExecutorOptions { LogLinesMax = 4 })
            .Register("forever", static (_, stop) => Forever(stop))
            .Register("stubborn", static (_, _) => new TaskCompletionSource().Task)
            .Register("exit", static (context, _) => throw new TaskExitException(int.Parse(context.Arguments[0])))
            .Register("throw", static (_, _) => throw new InvalidOperationException("out of paper"))
            .Register("hello", static (context, _) =>
            {
                context.WriteLine($"{context.TaskName} {context.Settings["colour"]}");
                context.WriteErrorLine("two\nlines");
                context.ReportPort(8080, "http");
                return Task.CompletedTask;
            });
    }

    [Fact]
    public async Task Wait_WorkReturns_EndsAndKeepsLogsAndPorts()
    {
        ITaskController controller = Started("hello");
        Task wait = Run(controller.WaitAsync);
        Assert.True(wait.IsCompletedSuccessfully);
        Assert.Equal(["Stdout web.3.t1 blue", "Stderr two", "Stderr lines"], Logs(controller, new LogSubscriptionOptions()));
        PortConfig port = Assert.Single((await ((IPortStatusSource)controller).GetPortStatusAsync())!.Ports);
        Assert.Equal(
            (8080u, 8080u, "http", PortConfig.Types.PublishMode.Host),
            (port.TargetPort, port.PublishedPort, port.Name, port.PublishMode));
    }

    [Fact]
    public async Task Wait_WorkExitsWithCode_ThrowsExit()
    {
        ITaskController controller = Started("exit", "7");
        Assert.Equal(7, Assert.IsType<TaskExitException>(Error(Run(controller.WaitAsync))).ExitCode);
        Assert.Equal(7, (await ((IContainerStatusSource)controller).GetContainerStatusAsync())!.ExitCode);
    }

    [Fact]
    public void Wait_WorkThrows_IsExitCodeOneWithTheReason()
    {
        Exception? error = Error(Run(Started("throw").WaitAsync));
        Assert.Equal("task: InvalidOperationException: out of paper", Assert.IsType<TaskExitException>(error).Message);
    }

    [Fact]
    public void Shutdown_WorkFollowsItsToken_Ends()
    {
        ITaskController controller = Started("forever");
        Task wait = Run(controller.WaitAsync);
        Assert.False(wait.IsCompleted);
        Assert.True(Run(controller.ShutdownAsync).IsCompletedSuccessfully);
        Assert.True(wait.IsCompletedSuccessfully);
    }

    [Fact]
    public void Shutdown_WorkIgnoresItsToken_FailsAfterTheGraceAndSaysWhy()
    {
        ITaskController controller = Started("stubborn");
        Task shutdown = Run(controller.ShutdownAsync);
        _time.Advance(TimeSpan.FromSeconds(9.9));
        _loop.RunToRest();
        Assert.False(shutdown.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        _loop.RunToRest();
        Assert.Contains("cannot be killed", Error(shutdown)?.Message);
    }

    [Fact]
    public void Start_Twice_IsRefusedAlsoByANewController()
    {
        ITaskController controller = Started("forever");
        Assert.Equal(TaskControllerErrorKind.AlreadyStarted, Kind(Run(controller.StartAsync)));
        ITaskController second = _executor.CreateController(RuntimeTestTasks.InProcess("forever"), NoTaskDependencies.Instance);
        Assert.Equal(TaskControllerErrorKind.AlreadyPrepared, Kind(Run(second.PrepareAsync)));
        Assert.Equal(TaskControllerErrorKind.AlreadyStarted, Kind(Run(second.StartAsync)));
        Task wait = Run(second.WaitAsync);
        Run(controller.TerminateAsync);
        Assert.True(wait.IsCompletedSuccessfully);
    }

    [Fact]
    public void Prepare_PreparedByAnEarlierController_IsRefused()
    {
        ITaskController first = _executor.CreateController(RuntimeTestTasks.InProcess("forever"), NoTaskDependencies.Instance);
        Assert.True(Run(first.PrepareAsync).IsCompletedSuccessfully);
        ITaskController second = _executor.CreateController(RuntimeTestTasks.InProcess("forever"), NoTaskDependencies.Instance);
        Assert.Equal(TaskControllerErrorKind.AlreadyPrepared, Kind(Run(second.PrepareAsync)));
    }

    [Fact]
    public void Start_WorkThatSaysWhenItIsWell_WaitsForThat_AlsoTheSecondTime()
    {
        InProcessTaskContext? inside = null;
        _executor.Register(
            "slow",
            (context, stop) =>
            {
                inside = context;
                return Forever(stop);
            },
            runningWhenHealthy: true);
        ITaskController controller = _executor.CreateController(RuntimeTestTasks.InProcess("slow"), NoTaskDependencies.Instance);
        Run(controller.PrepareAsync);
        using var given = new CancellationTokenSource();
        Task first = Run(_ => controller.StartAsync(given.Token));
        given.Cancel();
        _loop.RunToRest();
        Assert.True(first.IsCanceled);
        Task second = Run(controller.StartAsync);
        Assert.False(second.IsCompleted);

        inside!.ReportHealth(true);
        _loop.RunToRest();

        Assert.Equal(TaskControllerErrorKind.AlreadyStarted, Kind(second));
        Assert.True(Run(controller.ShutdownAsync).IsCompletedSuccessfully);
    }

    [Fact]
    public void Start_WorkThatEndsBeforeItIsWell_EndsTheWait()
    {
        _executor.Register("short", static (_, _) => throw new TaskExitException(3), runningWhenHealthy: true);
        ITaskController controller = _executor.CreateController(RuntimeTestTasks.InProcess("short"), NoTaskDependencies.Instance);
        Run(controller.PrepareAsync);

        Assert.True(Run(controller.StartAsync).IsCompletedSuccessfully);
        Assert.Equal(3, Assert.IsType<TaskExitException>(Error(Run(controller.WaitAsync))).ExitCode);
    }

    [Fact]
    public void Wait_WorkSaysThatItIsUnhealthy_IsStoppedAndFailsWithTheReason()
    {
        InProcessTaskContext? inside = null;
        _executor.Register("ill", (context, stop) =>
        {
            inside = context;
            return Forever(stop);
        });
        ITaskController controller = Started("ill");
        Task wait = Run(controller.WaitAsync);

        inside!.ReportHealth(false, "no more paper");
        _loop.RunToRest();

        TaskExitException error = Assert.IsType<TaskExitException>(Error(wait));
        Assert.Equal((1, "task: unhealthy: no more paper"), (error.ExitCode, error.Message));
        Assert.Null(inside.Services.GetService(typeof(string)));
    }

    [Fact]
    public void Remove_RunningWork_StopsAndForgetsIt()
    {
        ITaskController controller = Started("forever");
        Assert.True(Run(controller.RemoveAsync).IsCompletedSuccessfully);
        ITaskController second = _executor.CreateController(RuntimeTestTasks.InProcess("forever"), NoTaskDependencies.Instance);
        Assert.True(Run(second.PrepareAsync).IsCompletedSuccessfully);
    }

    [Fact]
    public void Reconcile_UnknownTask_IsEndedAndOthersStay()
    {
        Task ended = Run(Started("forever", id: "gone").WaitAsync);
        Task kept = Run(Started("forever", id: "kept").WaitAsync);
        Assert.True(Run(ct => _executor.ReconcileAsync(["kept"], ct)).IsCompletedSuccessfully);
        Assert.True(ended.IsCompletedSuccessfully);
        Assert.False(kept.IsCompleted);
    }

    [Theory]
    [InlineData("missing", "no work named 'missing' is registered in the program that runs this node")]
    public void Prepare_UnknownWork_SaysSo(string work, string reason)
    {
        ITaskController controller = _executor.CreateController(RuntimeTestTasks.InProcess(work), NoTaskDependencies.Instance);
        Assert.Equal(reason, Error(Run(controller.PrepareAsync))?.Message);
    }

    [Fact]
    public void Prepare_WrongPayload_SaysSo()
    {
        Any wrong = Any.Pack(new ProcessSpec());
        var broken = new Any { TypeUrl = Any.Pack(new InProcessSpec()).TypeUrl, Value = ByteString.CopyFrom(0xff, 0xff) };
        foreach (Any? payload in new[] { null, wrong, broken })
        {
            Api.Task task = RuntimeTestTasks.WithPayload("inproc", payload);
            ITaskController controller = _executor.CreateController(task, NoTaskDependencies.Instance);
            Assert.Contains("InProcessSpec", Error(Run(controller.PrepareAsync))?.Message);
        }
    }

    [Fact]
    public void CreateController_OtherRuntime_IsRefused()
    {
        var error = Assert.Throws<SwarmException>(
            () => _executor.CreateController(RuntimeTestTasks.WithPayload("process", null), NoTaskDependencies.Instance));
        Assert.Equal("task t1 needs runtime 'process', not 'inproc'", error.Message);
    }

    [Fact]
    public void Prepare_SecretNotHere_IsTemporary()
    {
        Api.Task task = RuntimeTestTasks.InProcess("forever");
        task.Spec.ResourceReferences.Add(new ResourceReference { ResourceId = "sec", ResourceType = ResourceType.Secret });
        ITaskController controller = _executor.CreateController(task, NoTaskDependencies.Instance);
        Assert.Equal(TaskControllerErrorKind.Temporary, Kind(Run(controller.PrepareAsync)));
    }

    [Fact]
    public async Task Close_ThenAnyCall_IsRefused()
    {
        ITaskController controller = Started("forever");
        await controller.DisposeAsync();
        Assert.Equal(TaskControllerErrorKind.Closed, Kind(Run(controller.WaitAsync)));
        Assert.Equal(TaskControllerErrorKind.Closed, Kind(Run(controller.StartAsync)));
        Assert.Equal(TaskControllerErrorKind.Closed, Kind(Run(controller.ShutdownAsync)));
    }

    [Fact]
    public void Logs_TailSinceStreamsAndBound_SelectLines()
    {
        _executor.Register("talk", (context, stop) =>
        {
            for (int i = 1; i <= 6; i++)
            {
                context.WriteLine($"line {i}");
                _time.Advance(TimeSpan.FromSeconds(1));
            }

            return Forever(stop);
        });
        DateTimeOffset begin = _time.GetUtcNow();
        ITaskController controller = Started("talk");
        Assert.Equal(["Stdout line 3", "Stdout line 4", "Stdout line 5", "Stdout line 6"], Logs(controller, new LogSubscriptionOptions()));
        Assert.Equal(["Stdout line 6"], Logs(controller, new LogSubscriptionOptions { Tail = -2 }));
        Assert.Empty(Logs(controller, new LogSubscriptionOptions { Tail = -1 }));
        Assert.Equal(["Stdout line 5", "Stdout line 6"], Logs(controller, new LogSubscriptionOptions { Tail = 2 }));
        var since = new LogSubscriptionOptions { Since = (begin + TimeSpan.FromSeconds(5)).ToTimestamp() };
        Assert.Equal(["Stdout line 6"], Logs(controller, since));
        Assert.Empty(Logs(controller, new LogSubscriptionOptions { Streams = { LogStream.Stderr } }));
    }

    [Fact]
    public void Logs_Follow_GoesOnUntilTheWorkEnds()
    {
        var more = new TaskCompletionSource();
        _executor.Register("later", async (context, _) =>
        {
            context.WriteLine("first");
            await more.Task;
            context.WriteLine("second");
        });
        ITaskController controller = Started("later");
        var seen = new List<string>();
        Task reading = Run(async ct =>
        {
            await foreach (TaskLogLine line in ((ITaskLogSource)controller).ReadLogsAsync(new LogSubscriptionOptions { Follow = true }, ct))
            {
                seen.Add(Text(line));
            }
        });
        Assert.Equal(["Stdout first"], seen);
        Assert.False(reading.IsCompleted);
        more.SetResult();
        _loop.RunToRest();
        Assert.Equal(["Stdout first", "Stdout second"], seen);
        Assert.True(reading.IsCompletedSuccessfully);
    }

    [Fact]
    public void Options_OutOfRange_AreRefusedByName()
    {
        var options = new InProcessExecutorOptions { LogLinesMax = 0 };
        var error = Assert.Throws<ArgumentException>(options.Validate);
        Assert.Equal("InProcessExecutorOptions.LogLinesMax must be from 1 to 1000000.", error.Message);
    }

    private static Task Forever(CancellationToken stop)
    {
        var end = new TaskCompletionSource();
        stop.Register(() => end.TrySetCanceled(stop));
        return end.Task;
    }

    private static string Text(TaskLogLine line) => $"{line.Stream} {Encoding.UTF8.GetString(line.Data.Span)}";

    private static Exception? Error(Task task)
    {
        Assert.True(task.IsFaulted);
        return task.Exception?.InnerException;
    }

    private static TaskControllerErrorKind Kind(Task task) => Assert.IsType<TaskControllerException>(Error(task)).Kind;

    private ITaskController Started(string work, string? argument = null, string id = "t1")
    {
        Api.Task task = RuntimeTestTasks.InProcess(work, id, argument is null ? [] : [argument]);
        ITaskController controller = _executor.CreateController(task, NoTaskDependencies.Instance);
        Assert.True(Run(controller.PrepareAsync).IsCompletedSuccessfully);
        Assert.True(Run(controller.StartAsync).IsCompletedSuccessfully);
        return controller;
    }

    private List<string> Logs(ITaskController controller, LogSubscriptionOptions options)
    {
        var lines = new List<string>();
        Task reading = Run(async ct =>
        {
            await foreach (TaskLogLine line in ((ITaskLogSource)controller).ReadLogsAsync(options, ct))
            {
                lines.Add(Text(line));
            }
        });
        Assert.True(reading.IsCompletedSuccessfully);
        return lines;
    }

    /// <summary>Runs a call as an agent in a mailbox of its own would, until nothing moves any more.</summary>
    private Task Run(Func<CancellationToken, Task> call)
    {
        Task? task = null;
        _loop.Create("agent").Post(() => task = call(CancellationToken.None));
        _loop.RunToRest();
        return task!;
    }
}
