// SPDX-License-Identifier: Apache-2.0
using Docker.DotNet;
using Docker.DotNet.Models;
using Swarm.Docker.Testing;
using Swarm.EndToEnd.Testing;

namespace Swarm.Docker.Tests;

/// <summary>The commands of README and documents that need a Docker Engine, run as they stand there.</summary>
public sealed class ReadmeStepsTests(ReadmeStepsTests.SharedEngine on) : IClassFixture<ReadmeStepsTests.SharedEngine>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Dictionary<string, string> Environment => new() { ["DOCKER_HOST"] = $"unix://{on.Engine.Endpoint.AbsolutePath}" };

    [Fact]
    public async Task SevenSteps_WithContainers_EndWithFiveReplicas_AndNothingRunsOn()
    {
        using var shell = new DocumentedShell();
        string[] blocks = DocumentedShell.Blocks("README.md", "Seven steps by hand");
        string steps = DocumentedShell.WithSteps(blocks[0], blocks[1]);
        Assert.DoesNotContain("--executor", steps, StringComparison.Ordinal);

        ToolResult done = await shell.RunAsync(WithOwnImage(steps), Environment);

        Assert.True(done.ExitCode == 0, done.Output + done.Error);
        Assert.Equal(5, done.Lines.Count(l => l.Contains(" web.", StringComparison.Ordinal) && l.Contains(" RUNNING ", StringComparison.Ordinal)));
        Assert.Contains(done.Lines, l => l.Contains(" web ", StringComparison.Ordinal) && l.TrimEnd().EndsWith("5/5", StringComparison.Ordinal));
        Assert.Equal(["bin", "commands.sh"], Directory.GetFileSystemEntries(shell.Directory).Select(Path.GetFileName).Order());
        Assert.Empty(await on.Others.Containers.ListContainersAsync(new ContainersListParameters(), Cancel));
    }

    [Fact]
    public async Task ExecutorsDocument_CommandsOfOneNodeWithTwoExecutors_GiveContainersAndProcesses()
    {
        using var shell = new DocumentedShell();
        string commands = Assert.Single(DocumentedShell.Blocks("docs/executors.md", "Several on one node"));

        ToolResult done = await shell.RunAsync(WithOwnImage(commands), Environment);

        Assert.True(done.ExitCode == 0, done.Output + done.Error);
        string[] complete = [.. done.Lines.Where(l => l.TrimEnd().EndsWith(" 2/2", StringComparison.Ordinal))];
        Assert.Contains(complete, l => l.Contains(" web ", StringComparison.Ordinal));
        Assert.Contains(complete, l => l.Contains(" sleeper ", StringComparison.Ordinal));
        Assert.Empty(TaskProcess.AllUnder(shell.Directory));
        Assert.Empty(await on.Others.Containers.ListContainersAsync(new ContainersListParameters(), Cancel));
    }

    [Fact]
    public async Task ExecutorsDocument_Programs_DoWhatItSays()
    {
        string home = Directory.CreateTempSubdirectory("swarm-doc-").FullName;
        const string Endpoint = "unix:///var/run/docker.sock";
        string engine = Environment["DOCKER_HOST"];

        string several = await DocumentedCode.RunAsync(
            "docs/executors.md", "AddSwarmNode", ("/var/lib/app", home), (Endpoint, engine), ("nginx:alpine", PrivateEngine.Image),
            ("127.0.0.1:4242", $"127.0.0.1:{TestCluster.FreePort()}"));
        string one = await DocumentedCode.RunAsync("docs/executors.md", "new DockerExecutor(", (Endpoint, engine));

        Assert.Equal("web 2/2\nsleeper 2/2\nreport 2/2\n", several);
        Assert.Equal((await on.Others.System.GetVersionAsync(Cancel)).Version, one.Trim());
        Assert.Empty(TaskProcess.AllUnder(home));
        Assert.Empty(await on.Others.Containers.ListContainersAsync(new ContainersListParameters(), Cancel));
        Directory.Delete(home, recursive: true);
    }

    // Engines of tests have one image, and no way to a registry.
    private static string WithOwnImage(string commands) => commands.Replace("nginx:alpine", PrivateEngine.Image, StringComparison.Ordinal);

    /// <summary>The engine of these tests, which take turns.</summary>
    public sealed class SharedEngine : IAsyncLifetime
    {
        internal PrivateEngine Engine { get; private set; } = null!;

        internal DockerClient Others { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Engine = await PrivateEngine.StartAsync();
            Others = new DockerClientBuilder().WithEndpoint(Engine.Endpoint).Build();
        }

        public async ValueTask DisposeAsync()
        {
            Others?.Dispose();
            if (Engine is not null)
            {
                await Engine.DisposeAsync();
            }
        }
    }
}
