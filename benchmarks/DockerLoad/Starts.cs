// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Swarm.Docker.Testing;
using Swarm.Runtime;
using Swarm.Runtime.Docker;

namespace DockerLoad;

/// <summary>The ways to start containers, each timed from the order to all of them running; what was started is gone before the next.</summary>
internal sealed class Starts(PrivateEngine engine, EngineHttp http, Node node)
{
    private const string Cli = "/usr/bin/docker";

    // Both sides are asked alike, as often.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PeriodOfMany = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    private int _number;

    public static bool HasCli => File.Exists(Cli);

    public Node Node => node;

    public async Task WarmUpAsync()
    {
        for (int i = 0; i < 3; i++)
        {
            await ApiAsync();
            await ExecutorAsync();
            await OursAsync(5);
            await SwarmModeAsync(5);
        }
    }

    /// <summary>The command line client: docker run -d.</summary>
    public async Task<double> CliAsync()
    {
        var start = new ProcessStartInfo(Cli, ["-H", engine.Endpoint.ToString(), "run", "-d", PrivateEngine.Image]) { RedirectStandardOutput = true };
        var watch = Stopwatch.StartNew();
        using Process run = Process.Start(start)!;
        await run.WaitForExitAsync();
        double time = watch.Elapsed.TotalMilliseconds;
        if (run.ExitCode != 0)
        {
            throw new InvalidOperationException("docker run failed");
        }

        await ClearAsync();
        return time;
    }

    /// <summary>Two requests to the engine: create, start.</summary>
    public async Task<double> ApiAsync()
    {
        var watch = Stopwatch.StartNew();
        using JsonDocument created = await http.PostAsync("containers/create", $$"""{"Image":"{{PrivateEngine.Image}}"}""");
        (await http.PostAsync($"containers/{created.RootElement.GetProperty("Id").GetString()}/start")).Dispose();
        double time = watch.Elapsed.TotalMilliseconds;
        await ClearAsync();
        return time;
    }

    /// <summary>The executor alone: prepare, start.</summary>
    public async Task<double> ExecutorAsync()
    {
        await using var executor = new DockerExecutor(new DockerExecutorOptions { Endpoint = engine.Endpoint, NodeId = "alone" });
        await executor.DescribeAsync();
        var watch = Stopwatch.StartNew();
        await using ITaskController task = executor.CreateController(
            new Swarm.Api.Task
            {
                Id = Name(), NodeId = "alone", Slot = 1, ServiceAnnotations = new Swarm.Api.Annotations { Name = "alone" },
                Spec = new Swarm.Api.TaskSpec { Container = new Swarm.Api.ContainerSpec { Image = PrivateEngine.Image } },
            },
            NoTaskDependencies.Instance);
        await task.PrepareAsync();
        await task.StartAsync();
        double time = watch.Elapsed.TotalMilliseconds;
        await ClearAsync();
        return time;
    }

    /// <summary>A service of ours.</summary>
    public async Task<double> OursAsync(int replicas)
    {
        var watch = Stopwatch.StartNew();
        Swarm.Api.Service made = await node.Client.Services.CreateAsync(Node.Spec(Name(), PrivateEngine.Image, (ulong)replicas));
        double time = await UntilAsync(watch, replicas, () => node.RunningTasksAsync(made.Id));
        await CheckAsync(replicas);
        await node.Client.Services.RemoveAsync(made.Id);
        await EmptyAsync();
        return time;
    }

    /// <summary>A service of the engine's swarm mode.</summary>
    public async Task<double> SwarmModeAsync(int replicas)
    {
        string spec = string.Create(CultureInfo.InvariantCulture, $$"""
            {"Name":"{{Name()}}","TaskTemplate":{"ContainerSpec":{"Image":"{{PrivateEngine.Image}}"} },"Mode":{"Replicated":{"Replicas":{{replicas}}} } }
            """);
        var watch = Stopwatch.StartNew();
        using JsonDocument made = await http.PostAsync("services/create", spec);
        string id = made.RootElement.GetProperty("ID").GetString()!;
        double time = await UntilAsync(watch, replicas, () => http.RunningTasksAsync(id));
        await CheckAsync(replicas);
        await http.DeleteAsync($"services/{id}");
        await EmptyAsync();
        return time;
    }

    private string Name() => string.Create(CultureInfo.InvariantCulture, $"bench{++_number}");

    private static async Task<double> UntilAsync(Stopwatch watch, int wanted, Func<Task<int>> running)
    {
        while (await running() < wanted)
        {
            if (watch.Elapsed > Longest)
            {
                throw new TimeoutException($"not all {wanted} replicas run after {Longest}");
            }

            await Task.Delay(wanted == 1 ? Period : PeriodOfMany);
        }

        return watch.Elapsed.TotalMilliseconds;
    }

    // What a side says to run must be there.
    private async Task CheckAsync(int replicas)
    {
        using JsonDocument info = await http.GetAsync("info");
        if (info.RootElement.GetProperty("ContainersRunning").GetInt32() != replicas)
        {
            throw new InvalidOperationException($"not {replicas} containers run on the engine: {info.RootElement.GetProperty("ContainersRunning")}");
        }
    }

    private async Task ClearAsync()
    {
        foreach (string id in await http.ContainersAsync())
        {
            await http.DeleteAsync($"containers/{id}?force=true");
        }

        await EmptyAsync();
    }

    private async Task EmptyAsync()
    {
        var watch = Stopwatch.StartNew();
        while ((await http.ContainersAsync()).Length > 0)
        {
            if (watch.Elapsed > Longest)
            {
                throw new TimeoutException("containers of the last run do not go");
            }

            await Task.Delay(PeriodOfMany);
        }

        // Shims end a little later than their containers.
        await Task.Delay(500);
    }
}
