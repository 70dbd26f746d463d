// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Docker.DotNet;
using Docker.DotNet.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Swarm.Api;
using Swarm.Client;
using Swarm.Docker.Testing;
using Swarm.EndToEnd.Testing;
using Swarm.Hosting;
using Swarm.Runtime;
using Swarm.Runtime.Docker;
using Swarm.Runtime.Process;

namespace Swarm.Docker.Tests;

/// <summary>
/// Nodes of a cluster as .NET hosts, each with executors of its own choice. What runs is seen without asking the cluster: containers by their
/// engines, processes by the operating system, work inside the program by itself.
/// </summary>
internal sealed class SeveralExecutorsCluster : IAsyncDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("swarm-several-").FullName;
    private readonly string _manager = $"127.0.0.1:{TestCluster.FreePort()}";
    private readonly List<IHost> _hosts = [];
    private readonly ConcurrentDictionary<string, PrivateEngine> _engines = [];
    private readonly ConcurrentDictionary<string, string> _inProcess = [];

    public SwarmClient Client => _hosts[0].Services.GetRequiredService<SwarmClient>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task StartEngineAsync(string node) =>
        _engines[node] = await PrivateEngine.StartAsync(new PrivateEngineOptions { Name = node }, Cancel);

    /// <summary>Starts a node; the first one is the manager.</summary>
    public async Task StartNodeAsync(string name, params string[] runtimes)
    {
        HostApplicationBuilder host = Host.CreateEmptyApplicationBuilder(null);
        ISwarmBuilder node = host.Services
            .AddSwarmNode(o =>
            {
                o.Hostname = name;
                o.StateDirectory = Path.Combine(_home, name);
                o.ListenRemoteApi = _manager;
                o.Bootstrap = new ClusterBootstrapOptions { FirstNode = "one" };
            })
            .UseManagers(_manager)
            .UseJoinTokenFile(Path.Combine(_home, "join-token"));
        foreach (string runtime in runtimes)
        {
            Use(node, name, runtime);
        }

        IHost built = host.Build();
        _hosts.Add(built);
        await built.StartAsync(Cancel);
    }

    /// <summary>What really runs of a service: how many tasks on each node.</summary>
    public async Task<string> RunningAsync(string service)
    {
        IReadOnlyList<Api.Task> tasks = await Client.Tasks.ListAsync(cancellationToken: Cancel);
        HashSet<string> ids = [.. tasks.Where(t => t.ServiceAnnotations.Name == service).Select(t => t.Id)];
        IEnumerable<string> nodes =
        [
            .. TaskProcess.AllUnder(_home).Where(p => ids.Contains(p.TaskId)).Select(p => p.TaskDirectory[(_home.Length + 1)..].Split('/')[0]),
            .. _inProcess.Where(t => ids.Contains(t.Key)).Select(t => t.Value),
            .. Directory.GetDirectories(_home, "live", SearchOption.AllDirectories).SelectMany(Directory.GetDirectories)
                .Where(d => ids.Contains(Path.GetFileName(d))).Select(d => d[(_home.Length + 1)..].Split('/')[0]),
            .. await ContainersAsync(ids),
        ];
        return string.Join(' ', nodes.CountBy(n => n).OrderBy(n => n.Key, StringComparer.Ordinal).Select(n => $"{n.Key}:{n.Value}"));
    }

    /// <summary>Waits until that runs of a service, as <see cref="RunningAsync"/> says it.</summary>
    public async Task UntilRunsAsync(string service, string where) => await Eventually.TrueAsync(
        $"{service} runs on {where}",
        async () => await RunningAsync(service) == where,
        30,
        async () => $"it runs on {await RunningAsync(service)}\n" + string.Join('\n', (await Client.Tasks.ListAsync(cancellationToken: Cancel))
            .Select(t => $"{t.ServiceAnnotations.Name}.{t.Slot} {t.DesiredState} {t.Status.State} {t.Status.Message} {t.Status.Err}")));

    /// <summary>Makes a folder with a page in it.</summary>
    public string MakeFolder()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_home, "site")).FullName;
        File.WriteAllText(Path.Combine(folder, "index.html"), "hello");
        return folder;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IHost host in _hosts.AsEnumerable().Reverse())
        {
            using (host)
            {
                await host.StopAsync(CancellationToken.None);
            }
        }

        foreach (PrivateEngine engine in _engines.Values)
        {
            await engine.DisposeAsync();
        }

        Directory.Delete(_home, recursive: true);
    }

    private void Use(ISwarmBuilder node, string name, string runtime)
    {
        switch (runtime)
        {
            case RuntimePlugins.Docker:
                node.UseDockerExecutor(o => o.Endpoint = _engines[name].Endpoint);
                break;
            case RuntimePlugins.Process:
                node.UseProcessExecutor(o => o.StateDirectory = Path.Combine(_home, name, "process"));
                break;
            case RuntimePlugins.InProcess:
                node.UseInProcessExecutor(work => work.Register("worker", async (context, stop) =>
                {
                    _inProcess[context.Task.Id] = name;
                    try
                    {
                        await Task.Delay(Timeout.InfiniteTimeSpan, context.Time, stop);
                    }
                    finally
                    {
                        _inProcess.TryRemove(context.Task.Id, out _);
                    }
                }));
                break;
            default:
                node.UseExecutor(_ => new FolderExecutor.FolderExecutor(Path.Combine(_home, name, "folders")));
                break;
        }
    }

    private async Task<List<string>> ContainersAsync(HashSet<string> tasks)
    {
        var found = new List<string>();
        foreach ((string node, PrivateEngine engine) in _engines)
        {
            using DockerClient client = new DockerClientBuilder().WithEndpoint(engine.Endpoint).Build();
            IList<ContainerListResponse> running = await client.Containers.ListContainersAsync(new ContainersListParameters(), Cancel);
            found.AddRange(running.Where(c => tasks.Contains(c.Labels["com.docker.swarm.task.id"])).Select(_ => node));
        }

        return found;
    }
}
