// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Runtime;
using Swarm.Simulation;

namespace Swarm.Agent.Tests.Fakes;

/// <summary>An agent on a simulated machine whose disk and work outlive it.</summary>
internal sealed class AgentWorld
{
    private readonly IReadOnlyList<FakeManager> _managers;
    private int _hosts;

    internal AgentWorld(ulong seed, params FakeManager[] managers)
    {
        Loop = new SimulationLoop(seed, Samples.Start);
        _managers = managers;
        Connector = new FakeConnector(managers);
        Executors = [Executor];
    }

    internal SimulationLoop Loop { get; }

    internal InMemoryTaskStateStore Store { get; } = new();

    internal FakeExecutor Executor { get; } = new();

    internal IReadOnlyList<IExecutor> Executors { get; set; }

    internal FakeConnector Connector { get; }

    internal RecordingObserver Observer { get; } = new();

    internal SwarmAgentOptions Options { get; } = Samples.Options();

    internal SimulatedHost Host { get; private set; } = null!;

    internal SwarmAgent Agent { get; private set; } = null!;

    internal ITaskStateStore? OtherStore { get; set; }

    /// <summary>Starts an agent; after a crash, anew.</summary>
    internal AgentWorld Start()
    {
        Host = Loop.AddHost($"host-{_hosts++}");
        ManagerPicker picker = Samples.Managers([.. _managers.Select(static manager => manager.Address)]);
        Agent = new SwarmAgent(
            Options, Executors, OtherStore ?? Store, Connector, picker, Host, Loop.ForkRandom(), Observer);
        Task started = Agent.StartAsync(CancellationToken.None);
        Until(() => started.IsCompleted, "the agent to start");
        started.GetAwaiter().GetResult();
        return this;
    }

    /// <summary>The agent's process is gone, without a word.</summary>
    internal void Crash() => Host.Crash();

    internal void Stop(bool drain)
    {
        Task stopped = Agent.StopAsync(drain);
        Until(() => stopped.IsCompleted, "the agent to stop", TimeSpan.FromMinutes(5));
        stopped.GetAwaiter().GetResult();
    }

    internal void Until(Func<bool> condition, string what, TimeSpan? limit = null) =>
        Assert.True(Loop.RunUntil(condition, limit ?? TimeSpan.FromMinutes(1)), $"waited in vain for {what} (seed {Loop.Seed})");

    internal void For(TimeSpan time) => Loop.RunFor(time);
}
