// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Manager.Tests.EndToEnd;

/// <summary>Operators and nodes that do everything at once: nodes join, crash, are drained and removed, tokens are replaced.</summary>
public sealed class ChurnTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void NodesAndTokens_InChurn_ServicesConvergeAndTheManagerComesToRest(ulong seed)
    {
        var world = new ManagerWorld(seed);
        var random = new SeededRandom(seed);
        var nodes = new List<FakeNode>();
        for (int i = 0; i < 6; i++)
        {
            nodes.Add(Join(world));
        }

        Service[] services = [world.CreateService("a", 10), world.CreateService("b", 7)];
        for (int step = 0; step < 40; step++)
        {
            Act(world, random, nodes, services);
            world.Loop.RunFor(TimeSpan.FromSeconds(random.Next(20)));
        }

        nodes.Add(Join(world));
        nodes.Add(Join(world));
        world.Until(() => services.All(s => IsWhole(world, s.Id)), seconds: 300);
        world.Until(() => world.Manager.Writer.Counters.IsAtRest);
        Assert.Equal(0, world.Manager.Writer.Counters.Alarms);
        Assert.Equal(0, world.Manager.Writer.Counters.EntriesWithoutEffect);
        Assert.All(
            world.State.All<Api.Task>(),
            t => Assert.True(t.NodeId.Length == 0 || t.ObservedState().IsTerminal() || world.State.Get<Node>(t.NodeId) is not null));
    }

    private static void Act(ManagerWorld world, SeededRandom random, List<FakeNode> nodes, Service[] services)
    {
        FakeNode? node = nodes.Count > 2 ? nodes[random.Next(nodes.Count)] : null;
        switch (random.Next(6))
        {
            case 0:
                nodes.Add(Join(world));
                break;
            case 1 when node is not null:
                nodes.Remove(node);
                node.Crash();
                break;
            case 2 when node is not null:
                nodes.Remove(node);
                world.Ask(async () => await world.Control.RemoveNodeAsync(new RemoveNodeRequest { NodeId = node.Id, Force = true }));
                break;
            case 3 when node is not null:
                nodes.Remove(node);
                Node stored = world.State.Get<Node>(node.Id)!;
                world.Ask(async () => await world.Control.UpdateNodeAsync(new UpdateNodeRequest
                {
                    NodeId = stored.Id,
                    NodeVersion = stored.Meta.Version,
                    Spec = stored.Spec.WithAvailability(NodeSpec.Types.Availability.Drain),
                }));
                break;
            case 4:
                Cluster cluster = world.State.Get<Cluster>(world.Bootstrap.ClusterId)!;
                world.Ask(async () => await world.Control.UpdateClusterAsync(new UpdateClusterRequest
                {
                    ClusterId = cluster.Id,
                    ClusterVersion = cluster.Meta.Version,
                    Spec = cluster.Spec,
                    Rotation = new KeyRotation { WorkerJoinToken = true },
                }));
                break;
            case 5:
                Service service = world.State.Get<Service>(services[random.Next(services.Length)].Id)!;
                ulong replicas = (ulong)random.Next(12);
                world.Ask(async () => await world.Control.UpdateServiceAsync(new UpdateServiceRequest
                {
                    ServiceId = service.Id,
                    ServiceVersion = service.Meta.Version,
                    Spec = service.Spec.WithReplicated(new ReplicatedService { Replicas = replicas }),
                }));
                break;
        }
    }

    private static bool IsWhole(ManagerWorld world, string serviceId)
    {
        List<Api.Task> running = [.. world.Running(serviceId).Where(static t => t.DesiredState == TaskState.Running)];
        return (ulong)running.Count == world.State.Get<Service>(serviceId)!.Spec.Replicated.Replicas
            && running.Select(static t => t.Slot).Distinct().Count() == running.Count
            && running.TrueForAll(t => world.State.Get<Node>(t.NodeId)?.Status.State == NodeStatus.Types.State.Ready);
    }

    // With the token of now: earlier ones were replaced.
    private static FakeNode Join(ManagerWorld world)
    {
        FakeNode node = world.AddNode();
        string token = world.State.Get<Cluster>(world.Bootstrap.ClusterId)!.RootCa.JoinTokens.Worker;
        world.Do(node.Mailbox, () => node.JoinAsync(token));
        node.Start();
        return node;
    }
}
