// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Agent.Tests.Fakes;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Agent.Tests;

public sealed class AgentChaosTests
{
    [Fact]
    public void AnyHistoryOfFaults_NothingStartsTwiceAndAllConverges()
    {
        for (ulong seed = 1; seed <= 60; seed++)
        {
            RunHistory(seed);
        }
    }

    [Fact]
    public void SameSeed_SameTrace()
    {
        Assert.Equal(RunHistory(5), RunHistory(5));
        Assert.NotEqual(RunHistory(5), RunHistory(6));
    }

    private static ulong RunHistory(ulong seed)
    {
        FakeManager[] managers = [new("a:1"), new("b:1"), new("c:1")];
        var world = new AgentWorld(seed, managers);
        var chance = new SeededRandom(seed, 99);
        var wanted = new SortedDictionary<string, Api.Task>(StringComparer.Ordinal);
        int names = 0;
        foreach (FakeManager manager in managers)
        {
            manager.Assigned = () => Samples.Complete("1", [.. wanted.Values.Select(static task => Samples.Put(task.Clone()))]);
        }

        world.Start();
        for (int i = 0; i < 60; i++)
        {
            Disturb(world, managers, chance, wanted, ref names);
            world.For(TimeSpan.FromMilliseconds(chance.Next(3000)));
        }

        foreach (FakeManager manager in managers)
        {
            manager.Crash();
            manager.IsUp = manager.Answers = manager.AnswersHeartbeats = true;
        }

        world.Until(() => Converged(world, managers, wanted), "the node to be as wanted", TimeSpan.FromMinutes(2));
        Assert.All(world.Executor.World.Values, static work => Assert.InRange(work.Starts, 0, 1));
        return world.Loop.Trace.Hash;
    }

    private static void Disturb(
        AgentWorld world, FakeManager[] managers, SeededRandom chance, SortedDictionary<string, Api.Task> wanted, ref int names)
    {
        FakeManager manager = managers[chance.Next(managers.Length)];
        switch (chance.Next(10))
        {
            case 0 or 1 or 2:
                string name = $"t{names++}";
                wanted[name] = Samples.Task(name);
                Renew(managers);
                break;
            case 3 when wanted.Count > 0:
                wanted.Remove(wanted.Keys.ElementAt(chance.Next(wanted.Count)));
                Renew(managers);
                break;
            case 4 when wanted.Count > 0:
                string stopped = wanted.Keys.ElementAt(chance.Next(wanted.Count));
                wanted[stopped] = Samples.Task(stopped, TaskState.Shutdown);
                Renew(managers);
                break;
            case 5:
                manager.Crash();
                break;
            case 6:
                manager.IsUp = true;
                manager.Answers = chance.Next(4) > 0;
                manager.AnswersHeartbeats = chance.Next(4) > 0;
                break;
            case 7:
                world.Crash();
                world.Start();
                break;
            case 8 when world.Executor.World.Count > 0:
                world.Executor.World.Values.ElementAt(chance.Next(world.Executor.World.Count)).End(chance.Next(2));
                break;
            default:
                manager.Sessions.LastOrDefault()?.Assignments.LastOrDefault()?.Send(Samples.Incremental("lost", "more"));
                break;
        }
    }

    // What changed goes out as a new complete set; how it gets there is other tests' matter.
    private static void Renew(FakeManager[] managers)
    {
        foreach (FakeManager manager in managers)
        {
            if (manager.Sessions.LastOrDefault()?.Assignments.LastOrDefault() is { IsOver: false } stream)
            {
                stream.Send(manager.Assigned()!);
            }
        }
    }

    private static bool Converged(AgentWorld world, FakeManager[] managers, SortedDictionary<string, Api.Task> wanted)
    {
        FakeManager? serving = managers.FirstOrDefault(static manager => manager.Sessions.LastOrDefault() is { } s && !s.Messages.IsOver);
        return serving is not null
            && world.Store.Tasks.Select(static task => task.Task.Id).SequenceEqual(wanted.Keys)
            && wanted.Values.All(task => IsAsWanted(task, serving.Session.Last(task.Id), world.Executor.World.GetValueOrDefault(task.Id)))
            && world.Executor.World.Where(pair => !wanted.ContainsKey(pair.Key)).All(static pair => !pair.Value.IsRunning);
    }

    private static bool IsAsWanted(Api.Task task, TaskStatus? reported, FakeWork? work) =>
        reported is not null && work is not null && (task.DesiredState == TaskState.Running
            ? reported.State == TaskState.Running == work.IsRunning && (work.IsRunning || reported.State.IsTerminal())
            : reported.State.IsTerminal() && !work.IsRunning);
}
