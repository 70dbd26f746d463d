// SPDX-License-Identifier: Apache-2.0
using BenchmarkDotNet.Attributes;
using Swarm.Api;
using Swarm.Manager;
using Swarm.Store;

namespace Swarm.Benchmarks;

/// <summary>How long it takes to find out what to tell a node of its assignments.</summary>
[MemoryDiagnoser]
public class AssignmentBenchmarks
{
    private const string NodeId = "node";
    private const int MessageBytes = 3 * 1024 * 1024;

    private StoreView _before = StoreView.Empty;
    private StoreView _after = StoreView.Empty;
    private AssignmentSet _told = new(NodeId);
    private bool _flip;

    /// <summary>Tasks on the node.</summary>
    [Params(10, 1000)]
    public int Tasks { get; set; }

    /// <summary>Makes two states that differ in one task.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _before = StoreView.FromSnapshot(1, Snapshot(TaskState.Running));
        _after = StoreView.FromSnapshot(2, Snapshot(TaskState.Shutdown));
        _told = new AssignmentSet(NodeId);
        _told.MarkAll(_before);
        _told.Take(_before, MessageBytes, complete: true);
    }

    /// <summary>A node opens its stream.</summary>
    [Benchmark]
    public int Complete()
    {
        var set = new AssignmentSet(NodeId);
        set.MarkAll(_before);
        return set.Take(_before, MessageBytes, complete: true).Count;
    }

    /// <summary>One task of a node that was told all changes.</summary>
    [Benchmark]
    public int Incremental()
    {
        _flip = !_flip;
        _told.MarkTask("task0");
        return _told.Take(_flip ? _after : _before, MessageBytes, complete: false).Count;
    }

    private StoreSnapshot Snapshot(TaskState desired)
    {
        var snapshot = new StoreSnapshot();
        for (int i = 0; i < Tasks; i++)
        {
            snapshot.Tasks.Add(new Api.Task
            {
                Id = "task" + i,
                NodeId = NodeId,
                ServiceId = "service",
                Slot = (ulong)i + 1,
                DesiredState = i == 0 ? desired : TaskState.Running,
                Spec = new TaskSpec { Container = new ContainerSpec { Image = "nginx", Env = { "A=1", "B=2" } } },
                Status = new Api.TaskStatus { State = TaskState.Running },
            });
        }

        return snapshot;
    }
}
