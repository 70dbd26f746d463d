// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using System.Text.Json;
using Docker.DotNet.Models;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.EndToEnd.Testing;
using Swarm.Runtime;
using Resources = Swarm.Api.Resources;
using ResourceRequirements = Swarm.Api.ResourceRequirements;

namespace Swarm.Docker.Tests.Conformance;

/// <summary>What a real engine makes of health checks, limits and programs, and what the task tells of it.</summary>
public sealed class TaskEndsTests(TaskEndsTests.SharedEngine shared) : IClassFixture<TaskEndsTests.SharedEngine>, IDisposable
{
    private readonly DirectoryInfo _place = Directory.CreateTempSubdirectory("swarm-ends-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private EngineUnderTest On => shared.On!;

    public void Dispose() => _place.Delete(recursive: true);

    [Fact]
    public async Task Healthcheck_StartsOnceHealthy_FailsOnceUnhealthy()
    {
        ITaskController task = On.Controller(EngineUnderTest.TaskOf("health", c =>
        {
            c.Mounts.Add(new Api.Mount { Type = Api.Mount.Types.Type.Bind, Source = _place.FullName, Target = "/place" });
            c.Healthcheck = new HealthConfig
            {
                Test = { "CMD-SHELL", "cat /place/healthy" },
                Interval = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(200)),
                Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(20)),
                StartPeriod = Duration.FromTimeSpan(TimeSpan.FromHours(1)),
                Retries = 2,
            };
        }));
        await task.PrepareAsync(Cancel);
        JsonElement check = (await RawAsync("/containers/web.1.health/json")).GetProperty("Config").GetProperty("Healthcheck");
        Assert.Equal(
            (200_000_000, 20_000_000_000, 3_600_000_000_000),
            (check.GetProperty("Interval").GetInt64(), check.GetProperty("Timeout").GetInt64(), check.GetProperty("StartPeriod").GetInt64()));

        Task start = task.StartAsync(Cancel);
        await UntilAsync(static state => state.Health?.Log?.Count > 0);
        Assert.False(start.IsCompleted);
        string healthy = Path.Combine(_place.FullName, "healthy");
        await File.WriteAllTextAsync(healthy, "yes", Cancel);
        await start;
        Assert.Equal("healthy", (await On.StateAsync("web.1.health")).Health?.Status);

        Task wait = task.WaitAsync(Cancel);
        File.Delete(healthy);
        var failed = await Assert.ThrowsAsync<TaskControllerException>(() => wait);
        Assert.Contains("unhealthy", failed.Message, StringComparison.Ordinal);
        Assert.Contains("/place/healthy", failed.Message, StringComparison.Ordinal);
        Assert.False((await On.StateAsync("web.1.health")).Running);
        await task.RemoveAsync(Cancel);
    }

    [Fact]
    public async Task WaitAsync_MoreMemoryThanItsLimit_ReasonIsOutOfMemory()
    {
        // The engine watches a container's memory only from the end of its start on: one that is killed before leaves no trace of the reason.
        Api.Task hungry = EngineUnderTest.TaskOf("hungry", c =>
        {
            c.Mounts.Add(new Api.Mount { Type = Api.Mount.Types.Type.Bind, Source = _place.FullName, Target = "/place" });
            c.Args.Add(["sh", "-c", "until [ -e /place/go ]; do sleep 0.1; done; exec dd if=/dev/zero of=/dev/null bs=256M count=1"]);
        });
        hungry.Spec.Resources = new ResourceRequirements { Limits = new Resources { MemoryBytes = 16 << 20 } };
        ITaskController task = await On.RunAsync(hungry);
        await File.WriteAllTextAsync(Path.Combine(_place.FullName, "go"), "", Cancel);

        var failed = await Assert.ThrowsAsync<TaskExitException>(() => task.WaitAsync(Cancel));

        Assert.Equal(137, failed.ExitCode);
        Assert.Contains("out of memory", failed.Message, StringComparison.Ordinal);
        await task.RemoveAsync(Cancel);
    }

    [Fact]
    public async Task StartAsync_ProgramThatIsNotThere_FailsWithTheEnginesReason()
    {
        ITaskController task = On.Controller(EngineUnderTest.TaskOf("absent", c => c.Command.Add("no-such-program")));
        await task.PrepareAsync(Cancel);

        var failed = await Assert.ThrowsAsync<TaskControllerException>(() => task.StartAsync(Cancel));

        Assert.Equal(TaskControllerErrorKind.Fatal, failed.Kind);
        Assert.Contains("no-such-program", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failed.Message);
        await task.RemoveAsync(Cancel);
    }

    [Fact]
    public async Task ReadLogsAsync_BothStreamsWrittenAtOnce_NoLineIsMissing()
    {
        const int lines = 3000;
        string count = string.Create(CultureInfo.InvariantCulture, $"seq {lines} & seq {lines} >&2; wait");
        ITaskController task = await On.RunAsync(EngineUnderTest.TaskOf("talks", c => c.Args.Add(["sh", "-c", count])));
        await task.WaitAsync(Cancel);

        var seen = new Dictionary<LogStream, List<string>> { [LogStream.Stdout] = [], [LogStream.Stderr] = [] };
        await foreach (TaskLogLine line in ((ITaskLogSource)task).ReadLogsAsync(new LogSubscriptionOptions(), Cancel))
        {
            seen[line.Stream].Add(Encoding.UTF8.GetString(line.Data.Span).Trim());
        }

        string[] all = [.. Enumerable.Range(1, lines).Select(static i => i.ToString(CultureInfo.InvariantCulture))];
        Assert.Equal(all, seen[LogStream.Stdout]);
        Assert.Equal(all, seen[LogStream.Stderr]);
        await task.RemoveAsync(Cancel);
    }

    private Task UntilAsync(Func<State, bool> holds) =>
        Eventually.TrueAsync("the container is in the state wanted", async () => holds(await On.StateAsync("web.1.health")));

    // As the engine says it, without the client that the executor uses, too.
    private async Task<JsonElement> RawAsync(string path)
    {
        var answer = await On.Engine.InNetworkAsync(Cancel, "curl", "-s", "--unix-socket", On.Engine.Endpoint.AbsolutePath, "http://engine" + path);
        using JsonDocument document = JsonDocument.Parse(answer.Output);
        return document.RootElement.Clone();
    }

    /// <summary>One engine for all tests of the class.</summary>
    public sealed class SharedEngine : IAsyncLifetime
    {
        internal EngineUnderTest? On { get; private set; }

        /// <inheritdoc/>
        public async ValueTask InitializeAsync() => On = await EngineUnderTest.StartAsync();

        /// <inheritdoc/>
        public ValueTask DisposeAsync() => On?.DisposeAsync() ?? default;
    }
}
