// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Tests.Support;
using Availability = Swarm.Api.NodeSpec.Types.Availability;
using NodeState = Swarm.Api.NodeStatus.Types.State;

namespace Swarm.Orchestration.Tests;

/// <summary>Whatever happened: once it is over, there is what was asked for, and nothing is written any more.</summary>
public sealed class HistoryTests
{
    private const int Nodes = 4;

    [Fact]
    public async Task Controllers_AfterAnyHistory_GiveWhatIsAskedForAndComeToRest()
    {
        for (ulong seed = 1; seed <= 150; seed++)
        {
            await Play(seed);
        }
    }

    [Fact]
    public async Task Controllers_SameHistoryTwice_WriteTheSame()
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            Assert.Equal(await Play(seed), await Play(seed));
        }
    }

    private static async Task<string> Play(ulong seed)
    {
        var random = new SeededRandom(seed);
        await using var world = new World();
        world.AddNodes(Nodes);
        string web = world.CreateService(Specs.Replicated("web", 4, static s => s.Update = new UpdateConfig { Parallelism = 2, FailureAction = UpdateConfig.Types.FailureAction.Continue }));
        string agent = world.CreateService(Specs.Global("agent"));
        world.Advance(1);
        int inputs = 0;
        for (int step = 0; step < 60; step++)
        {
            inputs += Step(world, random, web, agent);
            AssertSlots(world, web, seed, step);
        }

        for (int i = 1; i <= Nodes; i++)
        {
            world.BringBack($"n{i}");
        }

        world.SetAvailability("n1", Availability.Active);
        world.Stops = static _ => true;
        world.Advance(150);
        AssertGoal(world, web, agent, seed);
        int writes = world.Writes;
        world.Advance(900);
        Assert.True(writes == world.Writes, $"seed {seed}: {world.Writes - writes} writes at rest");

        // Of one input: at most all tasks move, with ten writes each.
        Assert.True(writes < 100 + ((inputs + Nodes) * 14 * 10), $"seed {seed}: {writes} writes for {inputs} inputs");
        return string.Join('\n', world.View.All<Api.Task>().Select(static t => $"{t.Id} {t.Slot} {t.NodeId} {t.Status.State} {t.DesiredState}"));
    }

    private static int Step(World world, SeededRandom random, string web, string agent)
    {
        string node = $"n{random.Next(Nodes) + 1}";
        switch (random.Next(9))
        {
            case 0:
                world.Scale(web, (ulong)random.Next(9));
                return 1;
            case 1:
                string image = $"web:{random.Next(4)}";
                world.UpdateService(random.Next(3) == 0 ? agent : web, s => s.WithImage(image));
                return 1;
            case 2:
                world.TakeDown(node, random.Next(3) == 0 ? NodeState.Unknown : NodeState.Down);
                return 1;
            case 3:
                world.BringBack(node);
                return 1;
            case 4:
                var availability = (Availability)random.Next(3);
                world.SetAvailability(node, availability);
                return 1;
            case 5:
                List<Api.Task> running = [.. world.Running(web), .. world.Running(agent)];
                if (running.Count > 0)
                {
                    world.Report(running[random.Next(running.Count)].Id, random.Next(2) == 0 ? TaskState.Failed : TaskState.Complete);
                }

                return 1;
            case 6:
                bool stops = random.Next(3) > 0;
                world.Stops = _ => stops;
                return 0;
            default:
                world.Advance(random.Next(12) * random.NextDouble());
                return 0;
        }
    }

    private static void AssertSlots(World world, string web, ulong seed, int step)
    {
        foreach (IGrouping<ulong, Api.Task> slot in world.Wanted(web).GroupBy(static t => t.Slot))
        {
            Assert.True(slot.Count() == 1, $"seed {seed}, step {step}: slot {slot.Key} has {slot.Count()} wanted tasks");
        }

        ulong wanted = world.Service(web).Spec.Replicated.Replicas;
        Assert.True((ulong)world.Wanted(web).Count == wanted, $"seed {seed}, step {step}: {world.Wanted(web).Count} wanted of {wanted}");
    }

    private static void AssertGoal(World world, string web, string agent, ulong seed)
    {
        List<Node> open = [.. world.View.All<Node>().Where(static n => n.Spec.Availability == Availability.Active)];
        List<Node> kept = [.. world.View.All<Node>().Where(static n => n.Spec.Availability != Availability.Drain)];
        ulong replicas = world.Service(web).Spec.Replicated.Replicas;
        Assert.True(replicas == (ulong)world.Running(web).Count, $"seed {seed}: {world.Running(web).Count} of {replicas} run");
        string image = world.Service(web).Spec.Task.Container.Image;
        Assert.All(world.Running(web), t => Assert.Equal(image, t.Spec.Container.Image));
        Assert.All(world.Running(web), t => Assert.Contains(kept, n => n.Id == t.NodeId));
        List<string> nodes = [.. world.Running(agent).Select(static t => t.NodeId)];
        Assert.Equal(nodes.Distinct(), nodes);
        Assert.Superset(open.Select(static n => n.Id).ToHashSet(), nodes.ToHashSet());
        Assert.Subset(kept.Select(static n => n.Id).ToHashSet(), nodes.ToHashSet());
        Assert.All(
            world.View.All<Api.Task>().GroupBy(static t => (t.ServiceId, SlotKeyOf(t))),
            g => Assert.InRange(g.Count(), 1, 5));
    }

    private static string SlotKeyOf(Api.Task task) => task.Slot != 0 ? $"{task.Slot}" : task.NodeId;
}
