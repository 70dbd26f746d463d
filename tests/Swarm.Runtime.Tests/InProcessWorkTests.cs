// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Swarm.Api;
using Swarm.Api.Ext;

namespace Swarm.Runtime.Tests;

/// <summary>What work inside the program gets from it: its grace, its configuration, its log.</summary>
public sealed class InProcessWorkTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ManualLoop _loop;

    public InProcessWorkTests() => _loop = new ManualLoop(_time);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Grace_OfTheSpecification_CountsAtShutdownAndForUnknownTasks(bool reconcile)
    {
        InProcessExecutor executor = Executor().Register("stubborn", static (_, _) => new TaskCompletionSource().Task);
        ITaskController controller = Started(
            executor, new InProcessSpec { Name = "stubborn", StopGracePeriod = Duration.FromTimeSpan(TimeSpan.FromSeconds(60)) });
        Task ending = Run(reconcile ? ct => executor.ReconcileAsync([], ct) : controller.ShutdownAsync);
        Advance(59.9);
        Assert.False(ending.IsCompleted);
        Advance(0.2);
        Assert.True(ending.IsCompleted);
        Assert.Contains(reconcile ? "" : "within 60 s", ending.Exception?.InnerException?.Message ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(86_401, 0)]
    [InlineData(1, -1)]
    [InlineData(0, 1_000_000_000)]
    [InlineData(long.MaxValue, 0)]
    public void Grace_ThatCannotBe_IsRefusedBeforeTheStart(long seconds, int nanos)
    {
        InProcessExecutor executor = Executor().Register("work", static (_, _) => Task.CompletedTask);
        ITaskController controller = Create(
            executor, new InProcessSpec { Name = "work", StopGracePeriod = new Duration { Seconds = seconds, Nanos = nanos } });
        Task prepared = Run(controller.PrepareAsync);
        Assert.Contains(
            "must be from 0 to 86400 s", Assert.IsType<TaskControllerException>(prepared.Exception?.InnerException).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Configuration_IsTheSectionOfTheWork_OverlaidByTheSettings_AndFollowsTheHost()
    {
        IConfigurationRoot host = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Swarm:Work:mail:Server:Host"] = "post.example",
            ["Swarm:Work:mail:Server:Port"] = "25",
            ["Swarm:Work:mail:colour"] = "green",
            ["Swarm:Work:other:secret"] = "hidden",
        }).Build();
        InProcessTaskContext? inside = null;
        var executor = new InProcessExecutor(_loop, new InProcessExecutorOptions { Services = new Only(host) });
        executor.Register("mail", (context, stop) =>
        {
            inside = context;
            Assert.NotNull(context.Configuration["colour"]);
            return new TaskCompletionSource().Task;
        });
        Started(executor, new InProcessSpec { Name = "mail", Settings = { ["colour"] = "blue", ["Server:Port"] = "2525" } });
        IConfiguration mine = inside!.Configuration;

        Assert.Equal(("blue", "post.example", "2525", null), (mine["colour"], mine["Server:Host"], mine["Server:Port"], mine["secret"]));
        host["Swarm:Work:mail:Server:Host"] = "mail.example";
        Assert.Equal("mail.example", mine.GetSection("Server")["Host"]);
    }

    [Fact]
    public void Configuration_WithoutAHostProgram_IsTheSettings()
    {
        string? colour = null;
        InProcessExecutor executor = Executor().Register("work", (context, _) =>
        {
            colour = context.Configuration["colour"];
            return Task.CompletedTask;
        });
        Started(executor, new InProcessSpec { Name = "work", Settings = { ["colour"] = "blue" } });
        Assert.Equal("blue", colour);
    }

    [Fact]
    public async Task Log_OfAnyLoggerInTheFlowOfTheWork_IsInTheTasksLogAndInTheHosts()
    {
        var host = new ListProvider();
        using var provider = new InProcessTaskLoggerProvider();
        using ILoggerFactory loggers = new LoggerFactory([host, provider]);
        ILogger shared = loggers.CreateLogger("Shop.Orders");
        var more = new TaskCompletionSource();
        InProcessExecutor executor = Executor()
            .Register("first", async (_, _) =>
            {
                shared.LogInformation(new EventId(7), "before");
                await more.Task;
                await Helper(shared);
            })
            .Register("second", (_, _) =>
            {
                shared.LogDebug("of the second");
                return Task.CompletedTask;
            });
        ITaskController first = Started(executor, new InProcessSpec { Name = "first" }, "t1");
        shared.LogInformation("outside");
        ITaskController second = Started(executor, new InProcessSpec { Name = "second" }, "t2");
        more.SetResult();
        _loop.RunToRest();

        List<string> lines = await LinesAsync(first);
        Assert.Equal(["Stdout info: Shop.Orders[7]: before", "Stdout warn: Shop.Orders[0]: after"], lines.Take(2));
        Assert.StartsWith("Stderr fail: Shop.Orders[9]: lost", lines[2], StringComparison.Ordinal);
        Assert.Contains("InvalidOperationException: why", lines[3], StringComparison.Ordinal);
        Assert.Equal(["Stdout dbug: Shop.Orders[0]: of the second"], await LinesAsync(second));
        Assert.Equal(["before", "outside", "of the second", "after", "lost"], host.Lines);

        static async Task Helper(ILogger logger)
        {
            await Task.Yield();
            logger.LogWarning("after");
            logger.LogError(new EventId(9), new InvalidOperationException("why"), "lost");
        }
    }

    private InProcessExecutor Executor() => new(_loop);

    private static ITaskController Create(InProcessExecutor executor, InProcessSpec spec, string id = "t1") => executor.CreateController(
        new Api.Task { Id = id, Spec = new TaskSpec { Generic = InProcessExecutor.Pack(spec) } }, NoTaskDependencies.Instance);

    private ITaskController Started(InProcessExecutor executor, InProcessSpec spec, string id = "t1")
    {
        ITaskController controller = Create(executor, spec, id);
        Run(controller.PrepareAsync).GetAwaiter().GetResult();
        Run(controller.StartAsync).GetAwaiter().GetResult();
        return controller;
    }

    private Task Run(Func<CancellationToken, Task> call)
    {
        Task? task = null;
        _loop.Create("agent").Post(() => task = call(CancellationToken.None));
        _loop.RunToRest();
        return task!;
    }

    private void Advance(double seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        _loop.RunToRest();
    }

    private static async Task<List<string>> LinesAsync(ITaskController controller)
    {
        var lines = new List<string>();
        await foreach (TaskLogLine line in ((ITaskLogSource)controller).ReadLogsAsync(new LogSubscriptionOptions()))
        {
            lines.Add($"{line.Stream} {Encoding.UTF8.GetString(line.Data.Span)}");
        }

        return lines;
    }

    private sealed class Only(IConfiguration configuration) : IServiceProvider
    {
        public object? GetService(System.Type serviceType) => serviceType == typeof(IConfiguration) ? configuration : null;
    }

    private sealed class ListProvider : ILoggerProvider, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
