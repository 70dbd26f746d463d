// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;

namespace Swarm.Scheduler.Tests;

public sealed class PlacementQueueTests
{
    private readonly PlacementQueue _queue = new(new PlacementOptions { RefreshesPerRun = 2 });
    private readonly List<string> _log = [];

    [Fact]
    public void Run_RefusedTask_IsToldOnceAndTriedAgainWhenRoomIsMade()
    {
        _queue.NodeChanged(Make.Node("a", cpus: 2));
        Change(Make.On("a", "old", "db", with: Make.Reserving(2)));
        Change(Make.Pending("t", with: Make.Reserving(1)));

        Assert.Equal(["t: no suitable node (insufficient resources on 1 node)"], Run());
        Assert.Equal(PlacementReason.InsufficientResources, _queue.ReasonFor("t")?.Counts[0].Reason);
        Assert.Empty(Run());
        _queue.TaskRemoved("old");
        Assert.Equal(["t -> a"], Run());
        Assert.Equal(0, _queue.WaitingTasks);
        Assert.Equal(1, Assert.Single(_queue.Nodes.Nodes).FreeNanoCpus);
    }

    [Fact]
    public void Run_ChangeThatCannotHelp_TriesNothing()
    {
        var filter = new CountingFilter();
        var queue = new PlacementQueue(null, [filter, .. NodeFilters.Default()]);
        for (int i = 0; i < 10; i++)
        {
            queue.NodeChanged(Make.Node("n" + i));
        }

        queue.TaskChanged(Make.On("n1", "old", "db"), Make.Now);
        queue.TaskChanged(Make.Pending("t", with: Make.Constrained("node.role==manager")), Make.Now);
        queue.Run(Make.Now, _ => PlacementVerdict.Taken);
        Assert.Equal(10, filter.Checks);

        queue.TaskRemoved("old");
        queue.NodeChanged(Make.Node("n1"));
        queue.Run(Make.Now, _ => PlacementVerdict.Taken);
        Assert.Equal(10, filter.Checks);

        queue.NodeChanged(Make.Node("n1", with: n => n.Role = NodeRole.Manager));
        var placed = new List<string>();
        queue.Run(Make.Now, d =>
        {
            placed.Add(d.NodeId);
            return PlacementVerdict.Taken;
        });
        Assert.Equal(["n1"], placed);
    }

    [Fact]
    public void Run_NodeRefusedForAnotherReasonMeanwhile_StillHelpsWhenThatOneGoes()
    {
        _queue.NodeChanged(Make.Node("a", cpus: 2));
        Change(Make.On("a", "first"));
        Change(Make.Pending("t", version: 2, with: t =>
        {
            Make.Reserving(2)(t);
            t.Spec.Placement.MaxReplicas = 1;
        }));
        Assert.Equal(["t: no suitable node (max replicas per node limit exceed on 1 node)"], Run());

        // Another task takes what is needed, is told to stop, and stops last.
        Change(Make.On("a", "other", "db", with: Make.Reserving(1)));
        Api.Task stopping = Make.On("a", "other", "db", with: Make.Reserving(1));
        stopping.DesiredState = TaskState.Shutdown;
        Change(stopping);
        Assert.Empty(Run());
        _queue.TaskRemoved("first");
        Assert.Empty(Run());
        _queue.TaskRemoved("other");
        Assert.Equal(["t -> a"], Run());
    }

    [Fact]
    public void Run_NodesChangeButCannotHelp_RefreshesExplanationsFewAtATime()
    {
        for (int i = 0; i < 5; i++)
        {
            Change(Make.Pending("t" + i, "s" + i, with: Make.Constrained("node.role==manager")));
        }

        Assert.Equal(5, Run().Count());
        _queue.NodeChanged(Make.Node("a"));

        Assert.Equal([2, 2, 1, 0], Enumerable.Range(0, 4).Select(_ => Run().Count()));
        Assert.Equal("no suitable node (scheduling constraints not satisfied on 1 node)", _queue.ReasonFor("t4")?.Text);
    }

    [Fact]
    public void Run_NodeRemoved_RefreshesExplanations()
    {
        _queue.NodeChanged(Make.Node("a"));
        Change(Make.Pending("t", with: Make.Constrained("node.role==manager")));
        Run();
        _queue.NodeRemoved("a");

        Assert.Equal(["t: no suitable node"], Run());
    }

    [Fact]
    public void Run_TasksWithNodes_ComeFirstAndAreOnlyChecked()
    {
        _queue.NodeChanged(Make.Node("a", cpus: 1));
        Change(Make.Pending("t", with: Make.Reserving(1)));
        Change(Make.On("a", "g", "global", TaskState.Pending, Make.Reserving(1)));

        Assert.Equal(["g -> a", "t: no suitable node (insufficient resources on 1 node)"], Run());
    }

    [Fact]
    public void Run_TaskWhoseNodeIsFull_WaitsForThatNode()
    {
        _queue.NodeChanged(Make.Node("a", cpus: 1));
        _queue.NodeChanged(Make.Node("b", cpus: 5));
        Change(Make.On("a", "old", "db", with: Make.Reserving(1)));
        Change(Make.On("a", "g", "global", TaskState.Pending, Make.Reserving(1)));

        Assert.Equal(["g: no suitable node (insufficient resources on 1 node)"], Run());
        _queue.NodeChanged(Make.Node("b", cpus: 9));
        Assert.Empty(Run());
        Change(Make.On("a", "old", "db", TaskState.Complete, Make.Reserving(1)));
        Assert.Equal(["g -> a"], Run());
    }

    [Fact]
    public void Run_TaskNoLongerWanted_IsLeftAlone()
    {
        Change(Make.Pending("a"));
        Change(Make.Pending("b", "other"));
        Change(Make.Pending("c"));
        Change(Make.Pending("a", with: t => t.DesiredState = TaskState.Shutdown));
        _queue.TaskRemoved("b");
        _queue.NodeChanged(Make.Node("n"));

        Assert.Equal(1, _queue.WaitingTasks);
        Assert.Equal(["c -> n"], Run());
    }

    [Fact]
    public void Run_NewTask_IsNotPlacedBeforeItIsPending()
    {
        _queue.NodeChanged(Make.Node("n"));
        Change(Make.Pending("a", with: t => t.Status.State = TaskState.New));
        Assert.Empty(Run());
        Change(Make.Pending("a"));
        Assert.Equal(["a -> n"], Run());
    }

    [Fact]
    public void Run_Stopped_GoesOnWhereItStopped()
    {
        _queue.NodeChanged(Make.Node("n", cpus: 2));
        for (int i = 1; i <= 4; i++)
        {
            Change(Make.Pending("t" + i, slot: (ulong)i, with: Make.Reserving(1)));
        }

        const string Full = ": no suitable node (insufficient resources on 1 node)";
        Assert.Equal(["t1 -> n"], Run(budget: 1));
        Assert.Equal(["t2 -> n", "t3" + Full], Run(budget: 2));
        Assert.Equal(["t4" + Full], Run(budget: 2));
        Assert.Empty(Run());
    }

    [Fact]
    public void Run_ChangesToldLater_MakeNoDifference()
    {
        _queue.NodeChanged(Make.Node("n", cpus: 2));
        Change(Make.Pending("a", slot: 1, with: Make.Reserving(1)));
        Change(Make.Pending("b", slot: 2, with: Make.Reserving(1)));
        var written = new List<Api.Task>();
        _queue.Run(Make.Now, d =>
        {
            written.Add(d.Apply(new Timestamp()));
            return PlacementVerdict.Taken;
        });
        Assert.Equal(0, Assert.Single(_queue.Nodes.Nodes).FreeNanoCpus);
        written.ForEach(Change);

        Assert.Equal(0, Assert.Single(_queue.Nodes.Nodes).FreeNanoCpus);
        Assert.Equal(2, Assert.Single(_queue.Nodes.Nodes).ActiveTasks);
        Assert.Equal(0, _queue.WaitingTasks);
        Assert.Empty(Run());
    }

    [Fact]
    public void Run_CommitThrows_NothingIsBookedAndTheTaskGoesOnWaiting()
    {
        _queue.NodeChanged(Make.Node("n"));
        Change(Make.Pending("t"));

        Assert.Throws<InvalidOperationException>(() => _queue.Run(Make.Now, _ => throw new InvalidOperationException()));
        Assert.Equal(["t -> n"], Run());
    }

    [Fact]
    public void Run_ReasonThatTheTaskCarriesAlready_IsNotToldAgain()
    {
        Change(Make.Pending("t", with: t => t.Status.Err = "no suitable node"));
        Assert.Empty(Run());
        Assert.Equal("no suitable node", _queue.ReasonFor("t")?.Text);
    }

    [Theory]
    [InlineData("FailureThreshold")]
    [InlineData("FailureWindow")]
    [InlineData("MaxRememberedFailures")]
    [InlineData("RefreshesPerRun")]
    public void Options_OutOfRange_AreRefusedByName(string name)
    {
        var options = new PlacementOptions();
        System.Reflection.PropertyInfo property = typeof(PlacementOptions).GetProperty(name)!;
        property.SetValue(options, property.PropertyType == typeof(int) ? 0 : TimeSpan.Zero);

        Assert.Contains(name, Assert.Throws<ArgumentException>(() => new PlacementQueue(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_TaskThatCannotBeWorkedOn_IsLeftOutUntilItChangesAndOthersArePlaced()
    {
        string defect = "a-bad";
        var left = new List<string>();
        var placed = new List<string>();
        var queue = new PlacementQueue(null, [new CountingFilter { OnTask = task => Throw(task.Id == defect) }, .. NodeFilters.Default()]);
        queue.NodeChanged(Make.Node("n1"));
        queue.TaskChanged(Make.Pending("a-bad", "one"), Make.Now);
        queue.TaskChanged(Make.Pending("b-good", "two"), Make.Now);
        Assert.Throws<InvalidOperationException>(() => queue.Run(Make.Now, Take));

        Assert.False(queue.Run(Make.Now, Take, LeaveOut));
        Assert.False(queue.Run(Make.Now, Take, LeaveOut));
        Assert.Equal(["a-bad"], left);
        Assert.Equal(["b-good"], placed);

        defect = "";
        queue.TaskChanged(Make.Pending("a-bad", "one"), Make.Now);
        Assert.False(queue.Run(Make.Now, Take, LeaveOut));
        Assert.Equal(["b-good", "a-bad"], placed);

        static void Throw(bool now)
        {
            if (now)
            {
                throw new InvalidOperationException("a defect");
            }
        }

        PlacementVerdict Take(PlacementDecision decision)
        {
            placed.Add(decision.Task.Id);
            return PlacementVerdict.Taken;
        }

        bool LeaveOut(Api.Task task, Exception error)
        {
            left.Add(task.Id);
            return error is InvalidOperationException;
        }
    }

    private void Change(Api.Task task) => _queue.TaskChanged(task, Make.Now);

    private IEnumerable<string> Run(int budget = int.MaxValue)
    {
        _log.Clear();
        _queue.Run(Make.Now, decision =>
        {
            if (budget-- == 0)
            {
                return PlacementVerdict.Stop;
            }

            _log.Add(decision.Task.Id + (decision.Refusal is { } why ? ": " + why.Text : " -> " + decision.NodeId));
            _queue.TaskChanged(decision.Apply(new Timestamp()), Make.Now);
            return PlacementVerdict.Taken;
        });
        return [.. _log];
    }

    private sealed class CountingFilter : INodeFilter
    {
        public int Checks { get; private set; }

        public string Name => "counting";

        public PlacementReason Reason => PlacementReason.Other;

        public NodeAspects DependsOn => NodeAspects.None;

        public Action<Api.Task> OnTask { get; init; } = static _ => { };

        public bool SetTask(Api.Task task)
        {
            OnTask(task);
            return true;
        }

        public bool Check(NodeInfo node)
        {
            Checks++;
            return true;
        }

        public string Explain(int nodes) => "counted";
    }
}
