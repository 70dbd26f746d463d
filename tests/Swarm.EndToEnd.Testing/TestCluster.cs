// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;

namespace Swarm.EndToEnd.Testing;

/// <summary>A manager and workers as processes, in a directory of their own.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private static readonly string[] Processes = ["--executor", "process"];
    private readonly List<NodeProcess> _nodes = [];
    private readonly Func<string, string[]> _executor;

    private TestCluster(Func<string, string[]>? executor)
    {
        _executor = executor ?? (_ => Processes);
        Directory = System.IO.Directory.CreateTempSubdirectory("swarm-e2e-").FullName;
        Address = $"127.0.0.1:{FreePort()}";
        Socket = System.IO.Path.Combine(Directory, "node-1", "swarm.sock");
    }

    public string Directory { get; }

    public string Address { get; }

    public string Socket { get; }

    public NodeProcess ManagerProcess { get; private set; } = null!;

    public string WorkerToken { get; private set; } = "";

    public string ManagerToken { get; private set; } = "";

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts a manager and a number of workers, and waits until all are READY.</summary>
    /// <param name="workers">How many; the manager is node-1, the workers follow.</param>
    /// <param name="executor">The arguments that give a node, by its name, what runs its tasks; processes when left out.</param>
    public static async Task<TestCluster> StartAsync(int workers, Func<string, string[]>? executor = null)
    {
        var cluster = new TestCluster(executor);
        try
        {
            cluster.StartManager();
            await cluster.UntilAsync("the manager answers", async () => (await cluster.CtlAsync("cluster", "inspect", "default")).ExitCode == 0);
            await cluster.ReadTokenAsync();
            for (int i = 0; i < workers; i++)
            {
                cluster.StartWorker($"node-{i + 2}");
            }

            await cluster.UntilReadyAsync(workers + 1);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public string StateOf(string node) => System.IO.Path.Combine(Directory, node);

    public NodeProcess StartManager() => ManagerProcess = Start(
        "node-1", "--listen-control-api", Socket, "--listen-remote-api", Address);

    public NodeProcess StartWorker(string name, string? token = null) =>
        Start(name, "--join-addr", Address, "--join-token", token ?? WorkerToken);

    public NodeProcess Start(string name, params string[] args)
    {
        NodeProcess node = NodeProcess.Start(["-d", StateOf(name), "--hostname", name, .. _executor(name), .. args]);
        _nodes.Add(node);
        return node;
    }

    public Task<ToolResult> CtlAsync(params string[] args) =>
        Tool.RunAsync("swarmctl", new Dictionary<string, string> { ["SWARM_SOCKET"] = Socket }, args);

    public async Task ReadTokenAsync()
    {
        ToolResult cluster = (await CtlAsync("cluster", "inspect", "default")).Succeeded();
        WorkerToken = Token("Worker:");
        ManagerToken = Token("Manager:");

        string Token(string label) => cluster.Lines.Single(l => l.Contains(label, StringComparison.Ordinal)).Split(':', 2)[1].Trim();
    }

    public Task UntilAsync(string what, Func<Task<bool>> condition, int seconds = 40) =>
        Eventually.TrueAsync(what, condition, seconds, StateAsync);

    public Task UntilReadyAsync(int nodes) => UntilAsync(
        $"{nodes} nodes are READY",
        async () => (await CtlAsync("node", "ls")).Rows.Count(r => r.Contains("READY")) == nodes);

    public Task UntilReplicasAsync(string service, string replicas, int seconds = 40) => UntilAsync(
        $"service {service} shows {replicas}",
        async () => (await CtlAsync("service", "ls")).Rows.Any(r => r[1] == service && r[^1] == replicas),
        seconds);

    /// <summary>The tasks of a service that should run and do: id, name (service.slot), node.</summary>
    public async Task<List<(string Id, string Name, string Node)>> RunningAsync(string service) =>
        [.. (await CtlAsync("task", "ls")).Rows
            .Where(r => r.Length > 5 && r[1].StartsWith(service + ".", StringComparison.Ordinal) && r[2] == "RUNNING" && r[3] == "RUNNING")
            .Select(r => (r[0], r[1], r.First(c => c.StartsWith("node-", StringComparison.Ordinal))))];

    public Task<ToolResult> CreateSleeperAsync(string name, int replicas, params string[] more) => CtlAsync(
        ["service", "create", "--name", name, "--runtime", "process", "--command", "/bin/sleep", "--args", "100000", "--replicas", $"{replicas}", .. more]);

    public async ValueTask DisposeAsync()
    {
        await DisposeAsyncButKeepFiles();
        if (System.IO.Directory.Exists(Directory))
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }

    /// <summary>Stops all nodes and leaves what they wrote.</summary>
    public async Task DisposeAsyncButKeepFiles()
    {
        foreach (NodeProcess node in _nodes.AsEnumerable().Reverse())
        {
            await node.DisposeAsync();
        }

        _nodes.Clear();
    }

    private async Task<string> StateAsync()
    {
        ToolResult nodes = await CtlAsync("node", "ls");
        ToolResult tasks = await CtlAsync("task", "ls", "--all");
        IEnumerable<string> outputs = _nodes.Select((n, i) => $"--- swarmd {i + 1}\n{string.Join('\n', n.Output.Split('\n').TakeLast(25))}");
        return $"{nodes.Output}{nodes.Error}\n{tasks.Output}{tasks.Error}\n{string.Join('\n', outputs)}";
    }
}
