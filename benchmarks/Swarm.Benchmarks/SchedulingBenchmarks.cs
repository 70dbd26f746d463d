// SPDX-License-Identifier: Apache-2.0
using BenchmarkDotNet.Attributes;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Scheduler;
using TaskStatus = Swarm.Api.TaskStatus;

namespace Swarm.Benchmarks;

/// <summary>Schedules 10,000 tasks on 1,000 empty nodes, from the first change told to the last decision taken.</summary>
[MemoryDiagnoser]
public class SchedulingBenchmarks
{
    private const int NodeCount = 1_000;
    private const int TaskCount = 10_000;

    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private Node[] _nodes = [];
    private Api.Task[] _tasks = [];

    /// <summary>How many services the tasks are of.</summary>
    [Params(1, 100, 10_000)]
    public int Services { get; set; }

    /// <summary>What the tasks ask: nothing; a constraint that one node in ten meets;
    /// a spread over zones; more than any node has.</summary>
    [Params("plain", "constrained", "zones", "impossible")]
    public string Asking { get; set; } = "plain";

    /// <summary>Makes nodes and tasks.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _nodes = [.. Enumerable.Range(0, NodeCount).Select(MakeNode)];
        TaskSpec[] specs = [.. Enumerable.Range(0, Services).Select(_ => MakeSpec())];
        _tasks = [.. Enumerable.Range(0, TaskCount).Select(i => new Api.Task
        {
            Id = $"task{i:D21}",
            ServiceId = $"service{i % Services:D18}",
            SpecVersion = new Api.Version { Index = 7 },
            Slot = (ulong)(i / Services) + 1,
            DesiredState = TaskState.Running,
            Status = new TaskStatus { State = TaskState.Pending },
            Spec = specs[i % Services],
        })];
    }

    /// <summary>Tells everything to a new queue and runs it to the end.</summary>
    /// <returns>The number of placements.</returns>
    [Benchmark]
    public int Schedule()
    {
        var queue = new PlacementQueue();
        foreach (Node node in _nodes)
        {
            queue.NodeChanged(node);
        }

        foreach (Api.Task task in _tasks)
        {
            queue.TaskChanged(task, Now);
        }

        Timestamp stamp = Timestamp.FromDateTimeOffset(Now);
        int placed = 0;
        queue.Run(Now, decision =>
        {
            placed += decision.Refusal is null ? 1 : 0;
            queue.TaskChanged(decision.Apply(stamp), Now);
            return PlacementVerdict.Taken;
        });
        return placed;
    }

    private static Node MakeNode(int number) => new()
    {
        Id = $"node{number:D21}",
        Spec = new NodeSpec
        {
            Annotations = new Annotations { Labels = { ["zone"] = $"zone{number % 3}", ["rack"] = $"rack{number % 10}" } },
        },
        Status = new NodeStatus { State = NodeStatus.Types.State.Ready },
        Description = new NodeDescription
        {
            Engine = new EngineDescription(),
            Resources = new Resources { NanoCpus = 32_000_000_000, MemoryBytes = 64L << 30 },
        },
    };

    private TaskSpec MakeSpec()
    {
        long cpus = Asking == "impossible" ? 33_000_000_000 : 100_000_000;
        var spec = new TaskSpec
        {
            Container = new ContainerSpec(),
            Placement = new Placement(),
            Resources = new ResourceRequirements { Reservations = new Resources { NanoCpus = cpus, MemoryBytes = 64 << 20 } },
        };
        if (Asking == "constrained")
        {
            spec.Placement.Constraints.Add("node.labels.rack==rack9");
        }
        else if (Asking == "zones")
        {
            spec.Placement.Preferences.Add(new PlacementPreference { Spread = new SpreadOver { SpreadDescriptor = "node.labels.zone" } });
        }

        return spec;
    }
}
