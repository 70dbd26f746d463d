// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Tests.Support;
using Swarm.Store;
using Availability = Swarm.Api.NodeSpec.Types.Availability;
using NodeState = Swarm.Api.NodeStatus.Types.State;
using Order = Swarm.Api.UpdateConfig.Types.UpdateOrder;

namespace Swarm.Orchestration.Tests;

/// <summary>Whatever happened: once it is over, there is what was asked for, and nothing is written any more.</summary>
public sealed class HistoryTests
{
    private const string Web = "svc-web";
    private const string Agent = "svc-agent";
    private const string Once = "svc-once";

    [Fact]
    public async Task Controllers_AfterAnyHistory_GiveWhatIsAskedForAndComeToRest()
    {
        for (ulong seed = 1; seed <= 80; seed++)
        {
            await using var world = new World();
            Play(world, seed, checkCounts: true);
        }
    }

    [Fact]
    public async Task Controllers_SmallTurnsAndEntries_GiveTheSame()
    {
        for (ulong seed = 1; seed <= 30; seed++)
        {
            await using var world = new World(writer: new StoreWriterOptions
            {
                MaxWritesPerController = 2, MaxEntryBytes = 4096, MaxEntriesInFlight = 2, DetectMutation = true, VerifyEntries = true,
            });
            Play(world, seed, checkCounts: true);
        }
    }

    [Fact]
    public async Task Controllers_LogThatLosesEntriesAndReigns_GiveTheSame()
    {
        int lost = 0;
        for (ulong seed = 1; seed <= 30; seed++)
        {
            await using var world = new World(faults: seed);
            Play(world, seed, checkCounts: false);
            lost += world.ReignsLost;
        }

        Assert.True(lost > 30, $"only {lost} reigns were lost");
    }

    [Fact]
    public async Task Controllers_SameHistoryTwice_WriteTheSame()
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            await using var one = new World();
            await using var two = new World();
            Assert.Equal(Play(one, seed, checkCounts: true), Play(two, seed, checkCounts: true));
        }
    }

    private static string Play(World world, ulong seed, bool checkCounts)
    {
        var random = new SeededRandom(seed);
        Order order = random.Next(3) == 0 ? Order.StartFirst : Order.StopFirst;
        world.AddNodes(4);
        world.CreateService(Specs.Replicated("web", 4, s => s.Update = new UpdateConfig
        {
            Parallelism = (ulong)random.Next(3), FailureAction = UpdateConfig.Types.FailureAction.Continue, Order = order,
        }));
        world.CreateService(Specs.Global("agent", static s => s.Update = new UpdateConfig
        {
            Parallelism = 1, FailureAction = UpdateConfig.Types.FailureAction.Continue,
        }));
        world.CreateService(Specs.Replicated(
            "once", 2, static s => s.Restart(RestartPolicy.Types.RestartCondition.OnFailure, attempts: 2)));
        world.Advance(1);
        int inputs = 0;
        for (int step = 0; step < 60; step++)
        {
            inputs += Step(world, random, step, checkCounts);
            AssertSlots(world, order == Order.StartFirst ? 2 : 1, checkCounts, $"seed {seed}, step {step}");
        }

        foreach (Node node in world.View.All<Node>())
        {
            world.BringBack(node.Id);
        }

        world.AddNode("last");
        world.Stops = static _ => true;
        world.Advance(150);
        AssertGoal(world, seed);
        AssertRest(world, world.Writes, $"seed {seed}");

        // Of one input: at most all tasks move, with ten writes each.
        Assert.True(world.Writes < 200 + (inputs * 20 * 10), $"seed {seed}: {world.Writes} writes for {inputs} inputs");
        return string.Join('\n', world.View.All<Api.Task>().Select(static t => t.ToString()));
    }

    private static int Step(World world, SeededRandom random, int step, bool mayEndReign)
    {
        List<Node> nodes = [.. world.View.All<Node>()];
        string node = nodes[random.Next(nodes.Count)].Id;
        switch (random.Next(11))
        {
            case 0:
                world.Scale(random.Next(4) == 0 ? Once : Web, (ulong)random.Next(9));
                return 1;
            case 1:
                string image = $"web:{random.Next(4)}";
                world.UpdateService(random.Next(3) == 0 ? Agent : Web, s => s.WithImage(image));
                return 1;
            case 2:
                world.TakeDown(node, random.Next(3) == 0 ? NodeState.Unknown : NodeState.Down);
                return 1;
            case 3:
                world.BringBack(node);
                return 1;
            case 4:
                world.SetAvailability(node, (Availability)random.Next(3));
                return 1;
            case 5:
                List<Api.Task> running = [.. world.Running(Web), .. world.Running(Agent), .. world.Running(Once)];
                if (running.Count > 0)
                {
                    world.Report(running[random.Next(running.Count)].Id, random.Next(2) == 0 ? TaskState.Failed : TaskState.Complete);
                }

                return 1;
            case 6:
                bool stops = random.Next(3) > 0;
                world.Stops = _ => stops;
                return 0;
            case 7 when random.Next(3) == 0 && nodes.Count > 2:
                world.RemoveNode(node);
                return 1;
            case 7:
                world.AddNode($"m{step}");
                return 1;
            case 8 when mayEndReign:
                world.NewReign();
                return 1;
            default:
                world.Advance(random.Next(12) * random.NextDouble());
                return 0;
        }
    }

    private static void AssertSlots(World world, int most, bool checkCounts, string where)
    {
        foreach (IGrouping<ulong, Api.Task> slot in world.Wanted(Web).GroupBy(static t => t.Slot))
        {
            Assert.True(slot.Count() <= most, $"{where}: slot {slot.Key} has {slot.Count()} wanted tasks");
        }

        ulong wanted = world.Service(Web).Spec.Replicated.Replicas;
        int slots = world.Wanted(Web).DistinctBy(static t => t.Slot).Count();
        Assert.True(!checkCounts || (ulong)slots == wanted, $"{where}: {slots} slots are taken of {wanted}");
    }

    private static void AssertGoal(World world, ulong seed)
    {
        List<Node> open = [.. world.View.All<Node>().Where(static n => n.Spec.Availability == Availability.Active)];
        List<Node> kept = [.. world.View.All<Node>().Where(static n => n.Spec.Availability != Availability.Drain)];
        ulong replicas = world.Service(Web).Spec.Replicated.Replicas;
        Assert.True(replicas == (ulong)world.Running(Web).Count, $"seed {seed}: {world.Running(Web).Count} of {replicas} run");
        Assert.True(replicas == (ulong)world.Wanted(Web).Count, $"seed {seed}: {world.Wanted(Web).Count} of {replicas} wanted");
        string image = world.Service(Web).Spec.Task.Container.Image;
        Assert.All(world.Running(Web), t => Assert.Equal(image, t.Spec.Container.Image));
        Assert.All(world.Running(Web), t => Assert.Contains(kept, n => n.Id == t.NodeId));

        List<string> nodes = [.. world.Running(Agent).Select(static t => t.NodeId)];
        Assert.Equal(nodes.Distinct(), nodes);
        Assert.Superset(open.Select(static n => n.Id).ToHashSet(), nodes.ToHashSet());
        Assert.Subset(kept.Select(static n => n.Id).ToHashSet(), nodes.ToHashSet());
        Assert.InRange(world.Running(Once).Count, 0, (int)world.Service(Once).Spec.Replicated.Replicas);
        Assert.All(
            world.View.All<Api.Task>().GroupBy(static t => (t.ServiceId, t.Slot, t.Slot == 0 ? t.NodeId : "")),
            static g => Assert.InRange(g.Count(), 1, 5));
        foreach (string id in new[] { Web, Agent })
        {
            UpdateStatus? status = world.Service(id).UpdateStatus;
            Assert.True(
                status is null or { State: UpdateStatus.Types.UpdateState.Completed },
                $"seed {seed}: the update of {id} is {status?.State}");
        }
    }

    private static void AssertRest(World world, int writes, string where)
    {
        world.Advance(900);
        Assert.True(writes == world.Writes, $"{where}: {world.Writes - writes} writes at rest");
        if (world.ReignsLost == 0)
        {
            world.NewReign();
            world.Advance(900);
            Assert.True(writes == world.Writes, $"{where}: {world.Writes - writes} writes of a new leader at rest");
        }
    }
}
