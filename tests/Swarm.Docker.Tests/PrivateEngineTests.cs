// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Docker.DotNet;
using Docker.DotNet.Models;
using Swarm.Docker.Testing;

namespace Swarm.Docker.Tests;

public sealed class PrivateEngineTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StartAsync_SeveralAtOnce_EachHasContainersAndNetworkOfItsOwn()
    {
        await using var one = await PrivateEngine.StartAsync(new() { Name = "one" }, Cancel);
        await using var two = await PrivateEngine.StartAsync(new() { Name = "two" }, Cancel);
        using var first = Client(one);
        using var second = Client(two);

        await RunAsync(first, "page", ["web"], host: true);

        Assert.Equal("one", (await first.System.GetSystemInfoAsync(Cancel)).Name);
        Assert.Equal("two", (await second.System.GetSystemInfoAsync(Cancel)).Name);
        Assert.Empty(await second.Containers.ListContainersAsync(new() { All = true }, Cancel));
        var page = await one.InNetworkAsync(
            Cancel, "curl", "-s", "--retry", "20", "--retry-connrefused", "--retry-delay", "1", "http://127.0.0.1/");
        Assert.Equal("container one\n", page.Output);
        Assert.NotEqual(0, (await two.InNetworkAsync(Cancel, "curl", "-s", "http://127.0.0.1/")).ExitCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StopAsync_ThenStarted_ContainersAreAsTheOptionSays(bool liveRestore)
    {
        await using var engine = await PrivateEngine.StartAsync(new() { LiveRestore = liveRestore }, Cancel);
        using var client = Client(engine);
        var id = await RunAsync(client, "some", null);

        await engine.StopAsync(Cancel);
        await Assert.ThrowsAnyAsync<Exception>(() => client.System.PingAsync(Cancel));
        await engine.StartAgainAsync(Cancel);

        Assert.Equal(liveRestore, (await client.Containers.InspectContainerAsync(id, Cancel)).State!.Running);
    }

    [Fact]
    public async Task KillAsync_ThenStarted_EngineKnowsItsContainers()
    {
        await using var engine = await PrivateEngine.StartAsync(cancellationToken: Cancel);
        using var client = Client(engine);
        var id = await RunAsync(client, "some", null);

        await engine.KillAsync(Cancel);
        await engine.StartAgainAsync(Cancel);

        Assert.Equal(id, (await client.Containers.InspectContainerAsync(id, Cancel)).ID);
    }

    [Fact]
    public async Task PauseAsync_UntilResumed_EngineAnswersNothing()
    {
        await using var engine = await PrivateEngine.StartAsync(cancellationToken: Cancel);
        using var client = Client(engine);

        await engine.PauseAsync(Cancel);
        var ping = client.System.PingAsync(Cancel);
        var within = engine.InNetworkAsync(
            Cancel, "curl", "-s", "--max-time", "1", "--unix-socket", engine.Endpoint.AbsolutePath, "http://engine/_ping");
        Assert.Equal(28, (await within).ExitCode);
        Assert.False(ping.IsCompleted, ping.Exception?.ToString() ?? "it answered");
        await engine.ResumeAsync(Cancel);

        await ping;
    }

    [Fact]
    public async Task CommandWithoutEngine_IsRefusedWithReason()
    {
        await using var engine = await PrivateEngine.StartAsync(cancellationToken: Cancel);
        await engine.StopAsync(Cancel);

        var refused = await Assert.ThrowsAsync<PrivateEngineException>(() => engine.PauseAsync(Cancel));

        Assert.Contains("does not run", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_StorageThatDoesNotWork_FailsWithTheEnginesReason()
    {
        var failed = await Assert.ThrowsAsync<PrivateEngineException>(() => PrivateEngine.StartAsync(new() { StorageDriver = "none-such" }, Cancel));

        Assert.Contains("none-such", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DisposeAsync_ContainersRunning_NothingIsLeft()
    {
        var engine = await PrivateEngine.StartAsync(cancellationToken: Cancel);
        using (var client = Client(engine))
        {
            await RunAsync(client, "some", null);
        }

        Assert.NotEmpty(Cgroups(engine));
        await engine.DisposeAsync();

        Assert.False(Directory.Exists(engine.Root));
        Assert.Empty(Cgroups(engine));
        Assert.DoesNotContain(engine.Root, await File.ReadAllTextAsync("/proc/self/mountinfo", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EndOfTheProcessThatStartedIt_KilledEvenSo_NothingIsLeft()
    {
        // A shell in the place of a test run: it starts an engine as the library does, and is killed.
        var script = Path.Combine(Root(), "eng", "engine.sh");
        using var run = Process.Start(new ProcessStartInfo("bash", ["-c", $"(echo start; sleep 1d) | '{script}' --commanded & exec sleep 1d"])
        {
            RedirectStandardOutput = true,
        })!;
        var root = (await run.StandardOutput.ReadLineAsync(Cancel))!["root ".Length..];
        Assert.Equal("ok", await run.StandardOutput.ReadLineAsync(Cancel));

        run.Kill(entireProcessTree: true);
        await run.StandardOutput.ReadToEndAsync(Cancel);

        // The script, too, was killed: what it left on disk, the next one takes away.
        await using (await PrivateEngine.StartAsync(cancellationToken: Cancel))
        {
            Assert.False(Directory.Exists(root));
        }
    }

    private static DockerClient Client(PrivateEngine engine) => new DockerClientBuilder().WithEndpoint(engine.Endpoint).Build();

    private static async Task<string> RunAsync(DockerClient client, string name, string[]? command, bool host = false)
    {
        var made = await client.Containers.CreateContainerAsync(
            new CreateContainerParameters
            {
                Name = name,
                Image = PrivateEngine.Image,
                Cmd = command ?? [],
                HostConfig = new HostConfig { NetworkMode = host ? "host" : "none" },
            },
            Cancel);
        await client.Containers.StartContainerAsync(made.ID, new ContainerStartParameters(), Cancel);
        return made.ID;
    }

    private static string[] Cgroups(PrivateEngine engine) =>
        Directory.GetDirectories(
            "/sys/fs/cgroup",
            Path.GetFileName(engine.Root),
            new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 });

    private static string Root()
    {
        var at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "Swarm.sln")))
        {
            at = Path.GetDirectoryName(at)!;
        }

        return at;
    }
}
