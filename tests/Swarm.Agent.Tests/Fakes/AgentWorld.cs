// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Runtime;
using Swarm.Simulation;

namespace Swarm.Agent.Tests.Fakes;

/// <summary>An agent on a simulated machine whose disk and work outlive it.</summary>
internal sealed class AgentWorld
{
    private readonly IReadOnlyList<FakeManager> _managers;
    private readonly Dictionary<string, TaskState> _reported = [];
    private int _hosts;

    internal AgentWorld(ulong seed, params FakeManager[] managers)
    {
        Loop = new SimulationLoop(seed, Samples.Start);
        _managers = managers;
        Connector = new FakeConnector(managers);
        Executors = [Executor];
        Executor.Watch = CheckCall;
        foreach (FakeManager manager in managers)
        {
            manager.Reporting = CheckReport;
        }
    }

    /// <summary>Promises that were broken: acted or reported before it was on disk, or reported a state that goes back.</summary>
    internal List<string> Violations { get; } = [];

    internal SimulationLoop Loop { get; }

    internal InMemoryTaskStateStore Store { get; } = new();

    internal FakeExecutor Executor { get; } = new();

    internal IReadOnlyList<IExecutor> Executors { get; set; }

    internal FakeConnector Connector { get; }

    internal RecordingObserver Observer { get; } = new();

    internal SwarmAgentOptions Options { get; } = Samples.Options();

    internal SimulatedHost Host { get; private set; } = null!;

    internal SwarmAgent Agent { get; private set; } = null!;

    /// <summary>Stands between the agent and <see cref="Store"/>; null for nothing.</summary>
    internal Func<SimulatedHost, ITaskStateStore>? MakeStore { get; set; }

    /// <summary>Starts an agent; after a crash, anew.</summary>
    internal AgentWorld Start()
    {
        Host = Loop.AddHost($"host-{_hosts++}");
        ManagerPicker picker = Samples.Managers([.. _managers.Select(static manager => manager.Address)]);
        Agent = new SwarmAgent(
            Options, Executors, MakeStore?.Invoke(Host) ?? Store, Connector, picker, Host, Loop.ForkRandom(), Observer);
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

    private void CheckCall(string call, string taskId)
    {
        TaskState? stored = Stored(taskId);
        bool holds = call switch
        {
            "prepare" => stored == TaskState.Preparing,
            "start" => stored == TaskState.Starting,
            "wait" => stored == TaskState.Running,
            "remove" => stored > TaskState.Running,
            _ => true,
        };
        if (!holds)
        {
            Violations.Add($"{call} of {taskId} while the store says {stored}");
        }
    }

    private void CheckReport(string taskId, TaskState state)
    {
        if (Stored(taskId) is { } stored && stored < state)
        {
            Violations.Add($"{taskId} reported {state} while the store says {stored}");
        }

        if (_reported.TryGetValue(taskId, out TaskState before) && state < before)
        {
            Violations.Add($"{taskId} reported {state} after {before}");
        }

        _reported[taskId] = state;
    }

    private TaskState? Stored(string taskId) => Store.Tasks.FirstOrDefault(task => task.Task.Id == taskId)?.Status?.State;

    internal void Until(Func<bool> condition, string what, TimeSpan? limit = null) =>
        Assert.True(Loop.RunUntil(condition, limit ?? TimeSpan.FromMinutes(1)), $"waited in vain for {what} (seed {Loop.Seed})");

    internal void For(TimeSpan time) => Loop.RunFor(time);
}
