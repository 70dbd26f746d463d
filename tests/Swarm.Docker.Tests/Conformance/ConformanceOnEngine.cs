// SPDX-License-Identifier: Apache-2.0
using Docker.DotNet;
using Docker.DotNet.Models;
using Swarm.Docker.Testing;
using Swarm.Runtime.Testing;

namespace Swarm.Docker.Tests.Conformance;

/// <summary>
/// Runs all cases on one engine, several at a time, each as a node of its own; a test of a case waits for its end. Among them are
/// containers of others, which no case may touch.
/// </summary>
public sealed class ConformanceOnEngine : IAsyncLifetime
{
    private const int AtATime = 8;

    private readonly DirectoryInfo _place = Directory.CreateTempSubdirectory("swarm-conformance-");
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _slots = new(AtATime);
    private readonly Dictionary<string, Task> _runs = new(StringComparer.Ordinal);
    private PrivateEngine? _engine;
    private DockerClient? _others;

    /// <summary>Names of all cases.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Cases(new DockerTarget(null!, null!, Path.GetTempPath(), "")).Select(static one => one.Name)];

    internal DockerClient Others => _others!;

    /// <summary>The containers of others, as they were before the first case.</summary>
    internal List<ContainerInspectResponse> Foreign { get; } = [];

    /// <summary>Awaits the end of one case.</summary>
    public Task EndOfAsync(string name) => _runs[name];

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _engine = await PrivateEngine.StartAsync(new() { Name = "conformance" });
        _others = new DockerClientBuilder().WithEndpoint(_engine.Endpoint).Build();
        await AddForeignAsync("plain", []);
        await AddForeignAsync("swarm", new() { ["com.docker.swarm.task.id"] = "task1", ["com.docker.swarm.node.id"] = Node("Order_01") });
        await AddForeignAsync("other", new() { ["swarm.owner.node.id"] = "somebody", ["com.docker.swarm.task.id"] = "task1" });

        // The longest first, so that none of them is left alone at the end.
        foreach (string name in Names.OrderBy(static name => name.StartsWith('C') ? 0 : 1))
        {
            _runs.Add(name, RunAsync(name));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_runs.Values).ContinueWith(static _ => { }, TaskScheduler.Default);
        _others?.Dispose();
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }

        _place.Delete(recursive: true);
        _stop.Dispose();
    }

    private static IReadOnlyList<ConformanceCase> Cases(DockerTarget target) => new ExecutorConformance(target).Cases;

    private static string Node(string name) => "node-" + name;

    private async Task RunAsync(string name)
    {
        await _slots.WaitAsync(_stop.Token);
        try
        {
            var target = new DockerTarget(_engine!.Endpoint, Others, _place.FullName, Node(name));
            await Cases(target).Single(one => one.Name == name).RunAsync(_stop.Token);
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task AddForeignAsync(string name, Dictionary<string, string> labels)
    {
        CreateContainerResponse made = await Others.Containers.CreateContainerAsync(
            new CreateContainerParameters { Name = name, Image = PrivateEngine.Image, Labels = labels });
        await Others.Containers.StartContainerAsync(made.ID, new ContainerStartParameters());
        Foreign.Add(await Others.Containers.InspectContainerAsync(made.ID));
    }
}
