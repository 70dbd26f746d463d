// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Runtime.Process;
using Swarm.Store;
using Swarm.Testing;

namespace Swarm.EndToEnd.Tests;

/// <summary>Nodes in this process, each with a process executor of its own: real tasks without the cost of starting many programs.</summary>
internal sealed class RealCluster : IAsyncDisposable
{
    private readonly List<ProcessExecutor> _executors = [];
    private InProcessCluster? _nodes;

    private RealCluster() => Directory = System.IO.Directory.CreateTempSubdirectory("swarm-e2e-").FullName;

    public string Directory { get; }

    public InProcessCluster Nodes => _nodes!;

    /// <summary>The tasks that really run, by the processes they are: task id → node.</summary>
    public SortedDictionary<string, string> Running => new(
        TaskProcess.AllUnder(Directory).ToDictionary(p => p.TaskId, p => p.TaskDirectory[(Directory.Length + 1)..].Split('/')[0]),
        StringComparer.Ordinal);

    public static async Task<RealCluster> StartAsync(int workers)
    {
        var cluster = new RealCluster();
        try
        {
            cluster._nodes = await InProcessCluster.StartAsync(new InProcessClusterOptions { Workers = workers, Executors = cluster.MakeExecutor });
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Creates a service of sleeping processes; a global one if no number is given.</summary>
    public Task<Service> CreateAsync(string name, ulong? replicas, params string[] constraints)
    {
        var spec = new ServiceSpec
        {
            Annotations = new Annotations { Name = name },
            Task = new TaskSpec
            {
                Generic = ProcessExecutor.Pack(new ProcessSpec { Command = "/bin/sleep", Args = { "100000" } }),
                Placement = new Placement { Constraints = { constraints } },
            },
        };
        if (replicas is { } count)
        {
            spec.Replicated = new ReplicatedService { Replicas = count };
        }
        else
        {
            spec.Global = new GlobalService();
        }

        return Nodes.Client.Services.CreateAsync(spec);
    }

    public Task SetAvailabilityAsync(string node, NodeSpec.Types.Availability availability) =>
        Nodes.Client.Nodes.UpdateAsync(Nodes.Nodes.Single(n => n.Name == node).Id, s => s.Availability = availability);

    public Task ScaleAsync(Service service, ulong replicas) =>
        Nodes.Client.Services.UpdateAsync(service.Id, s => s.Replicated.Replicas = replicas);

    /// <summary>Waits until the manager's belief and the processes agree, and both are as wanted.</summary>
    /// <returns>The tasks: id → node.</returns>
    public async Task<SortedDictionary<string, string>> UntilAsync(string what, Func<SortedDictionary<string, string>, bool> condition)
    {
        SortedDictionary<string, string> real = Running;
        await Eventually.TrueAsync(
            what,
            () =>
            {
                real = Running;
                return Task.FromResult(condition(real) && Believed().SetEquals(real.Keys));
            },
            state: () => Task.FromResult(string.Join('\n', real.Select(t => $"{t.Key} {t.Value}"))));
        return real;
    }

    public async ValueTask DisposeAsync()
    {
        if (_nodes is not null)
        {
            await _nodes.DisposeAsync();
        }

        foreach (ProcessExecutor executor in _executors)
        {
            await executor.DisposeAsync();
        }

        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private HashSet<string> Believed()
    {
        StoreView state = Nodes.State;
        return [.. state.All<Api.Task>()
            .Where(t => t.DesiredState == TaskState.Running && t.Status.State == TaskState.Running).Select(t => t.Id)];
    }

    private ProcessExecutor[] MakeExecutor(string node)
    {
        var executor = new ProcessExecutor(new ProcessExecutorOptions { StateDirectory = Path.Combine(Directory, node) });
        _executors.Add(executor);
        return [executor];
    }
}
