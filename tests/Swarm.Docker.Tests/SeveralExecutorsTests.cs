// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Docker.Testing;
using Swarm.EndToEnd.Testing;
using Swarm.Runtime;
using Swarm.Runtime.Process;
using Swarm.Scheduler;

namespace Swarm.Docker.Tests;

/// <summary>Containers, processes and work inside the program on the same nodes, each where it can run.</summary>
public sealed class SeveralExecutorsTests
{
    private static readonly TaskSpec Containers = new() { Container = new ContainerSpec { Image = PrivateEngine.Image } };

    private static readonly TaskSpec Processes = new()
    {
        Generic = ProcessExecutor.Pack(new ProcessSpec { Command = "sleep", Args = { "100000" } }),
    };

    private static readonly TaskSpec InProcess = new() { Generic = InProcessExecutor.Pack(new InProcessSpec { Name = "worker" }) };

    [Fact]
    public async Task Services_OfThreeKindsOnTheSameNodes_EachRunsWhereItsRuntimeIs()
    {
        await using var cluster = new SeveralExecutorsCluster();
        await Task.WhenAll(cluster.StartEngineAsync("one"), cluster.StartEngineAsync("two"));
        await cluster.StartNodeAsync("one", "docker", "process", "inproc");
        await cluster.StartNodeAsync("two", "docker", "process", "inproc");
        await cluster.StartNodeAsync("three", "process", "inproc");
        await Eventually.TrueAsync("three nodes are READY", async () =>
            (await cluster.Client.Nodes.ListAsync()).Count(n => n.Status.State == NodeStatus.Types.State.Ready) == 3);
        Assert.Equal(["one: docker inproc process", "three: inproc process", "two: docker inproc process"], await RuntimesAsync(cluster));

        // The node without an engine gets no containers; all the same nodes get all else.
        await CreateAsync(cluster, "containers", Containers, 4);
        await CreateAsync(cluster, "processes", Processes, 3);
        await CreateAsync(cluster, "inprocess", InProcess, 6);
        await CreateAsync(cluster, "everywhere", Containers, replicas: null);
        await cluster.UntilRunsAsync("containers", "one:2 two:2");
        await cluster.UntilRunsAsync("processes", "one:1 three:1 two:1");
        await cluster.UntilRunsAsync("inprocess", "one:2 three:2 two:2");
        await cluster.UntilRunsAsync("everywhere", "one:1 two:1");

        // What no node can run waits, says why, and begins by itself once a node that can has joined.
        Service folders = await CreateAsync(
            cluster, "folders", new TaskSpec { Generic = FolderExecutor.FolderExecutor.Pack(cluster.MakeFolder()) }, 1);
        Api.Task waiting = await WaitingAsync(cluster, folders);
        Assert.Equal("no suitable node (missing plugin on 3 nodes: needs runtime folder)", waiting.Status.Err);
        Assert.Equal("missing-plugin=3", WaitingReason.Of(waiting));
        Service pinned = await CreateAsync(cluster, "pinned", Containers, 1, "node.hostname==three");
        Assert.Equal(
            "no suitable node (scheduling constraints not satisfied on 2 nodes; missing plugin on 1 node: needs runtime docker)",
            (await WaitingAsync(cluster, pinned)).Status.Err);
        await cluster.StartNodeAsync("four", "folder");
        await cluster.UntilRunsAsync("folders", "four:1");

        // The tasks of a drained node go, each to where its kind can run.
        Node two = await cluster.Client.Nodes.ResolveAsync("two");
        await cluster.Client.Nodes.UpdateAsync(two.Id, n => n.Availability = NodeSpec.Types.Availability.Drain);
        await cluster.UntilRunsAsync("containers", "one:4");
        await cluster.UntilRunsAsync("inprocess", "one:3 three:3");
        await cluster.UntilRunsAsync("everywhere", "one:1");
        Assert.Equal("four:1", await cluster.RunningAsync("folders"));
    }

    private static Task<Service> CreateAsync(
        SeveralExecutorsCluster cluster, string name, TaskSpec task, ulong? replicas, params string[] constraints)
    {
        task = task.Clone();
        task.Restart = new RestartPolicy { Condition = RestartPolicy.Types.RestartCondition.Any, Delay = new Duration() };
        task.Placement = new Placement { Constraints = { constraints } };
        var spec = new ServiceSpec { Annotations = new Annotations { Name = name }, Task = task };
        if (replicas is { } count)
        {
            spec.Replicated = new ReplicatedService { Replicas = count };
        }
        else
        {
            spec.Global = new GlobalService();
        }

        return cluster.Client.Services.CreateAsync(spec);
    }

    private static async Task<Api.Task> WaitingAsync(SeveralExecutorsCluster cluster, Service service)
    {
        Api.Task? waiting = null;
        await Eventually.TrueAsync($"service {service.Spec.Annotations.Name} says why it waits", async () =>
        {
            waiting = (await cluster.Client.Tasks.ListAsync()).SingleOrDefault(t => t.ServiceId == service.Id && t.Status.Err.Length > 0);
            return waiting is not null;
        });
        Assert.Equal(TaskState.Pending, waiting!.Status.State);
        return waiting;
    }

    private static async Task<string[]> RuntimesAsync(SeveralExecutorsCluster cluster) =>
    [
        .. (await cluster.Client.Nodes.ListAsync())
            .Select(n => $"{n.Description.Hostname}: " + string.Join(
                ' ', n.Description.Engine.Plugins.Where(p => p.Type == RuntimePlugins.PluginType).Select(p => p.Name).Order(StringComparer.Ordinal)))
            .Order(StringComparer.Ordinal),
    ];
}
