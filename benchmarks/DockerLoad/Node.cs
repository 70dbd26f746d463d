// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Swarm.Api;
using Swarm.Client;
using Swarm.Core;

namespace DockerLoad;

/// <summary>Our cluster of one node, as users run it: a process swarmd that is manager and worker, on the engine that is measured.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _directory;

    private Node(Process process, string directory, string socket)
    {
        _process = process;
        _directory = directory;
        Client = new SwarmClient(socket);
    }

    public SwarmClient Client { get; }

    /// <summary>Seconds of processor time it used since it began.</summary>
    public double ProcessorSeconds
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalSeconds;
        }
    }

    public static async Task<Node> StartAsync(string program, Uri engine, string logLevel)
    {
        string directory = Directory.CreateTempSubdirectory("swarm-bench.").FullName;
        string socket = Path.Combine(directory, "control.sock");
        var start = new ProcessStartInfo(program, [
            "--state-dir", Path.Combine(directory, "state"), "--hostname", "bench", "--executor", "docker", "--engine-addr", engine.ToString(),
            "--listen-remote-api", "127.0.0.1:24377", "--listen-control-api", socket, "--log-level", logLevel,
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        var node = new Node(Process.Start(start)!, directory, socket);
        var log = new StreamWriter(Path.Combine(Path.GetTempPath(), "swarm-bench.log")) { AutoFlush = true };
        node._process.OutputDataReceived += (_, e) => Write(e.Data);
        node._process.ErrorDataReceived += (_, e) => Write(e.Data);
        node._process.BeginOutputReadLine();
        node._process.BeginErrorReadLine();
        await node.WaitReadyAsync();
        return node;

        void Write(string? line)
        {
            lock (log)
            {
                log.WriteLine(line);
            }
        }
    }

    public static ServiceSpec Spec(string name, string image, ulong replicas) => new()
    {
        Annotations = new Annotations { Name = name },
        Task = new Swarm.Api.TaskSpec { Container = new ContainerSpec { Image = image } },
        Replicated = new ReplicatedService { Replicas = replicas },
    };

    public async Task<int> RunningTasksAsync(string serviceId) =>
        (await Client.Tasks.ListAsync(new() { ServiceIds = { serviceId } })).Count(static t => t.Status.State == TaskState.Running);

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        using (Process? term = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await term!.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task WaitReadyAsync()
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if ((await Client.Nodes.ListAsync()).Any(static n => n.Status?.State == NodeStatus.Types.State.Ready))
                {
                    return;
                }
            }
            catch (SwarmException e) when (watch.Elapsed < TimeSpan.FromSeconds(60) && !_process.HasExited)
            {
                _ = e;
            }

            if (_process.HasExited || watch.Elapsed > TimeSpan.FromSeconds(60))
            {
                throw new InvalidOperationException($"swarmd is not ready; see {Path.GetTempPath()}swarm-bench.log");
            }

            await Task.Delay(50);
        }
    }
}
