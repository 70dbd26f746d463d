// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;

namespace Swarm.Scheduler.Tests;

public sealed class TaskPlacerTests
{
    [Fact]
    public void Place_EqualNodes_SpreadsByServiceThenByAllThenById()
    {
        NodeSet nodes = Make.Nodes(Make.Node("a"), Make.Node("b"), Make.Node("c"));
        nodes.AddOrUpdateTask(Make.On("a", "x", "web"), Make.Now);
        nodes.AddOrUpdateTask(Make.On("b", "y", "db"), Make.Now);
        nodes.AddOrUpdateTask(Make.On("b", "z", "db"), Make.Now);

        Assert.Equal(["c", "b", "a", "c"], Placed(nodes, 4));
    }

    [Fact]
    public void Place_NodeWhereTheVersionFailsOften_ComesLast()
    {
        NodeSet nodes = Make.Nodes(Make.Node("a"), Make.Node("b"));
        nodes.AddOrUpdateTask(Make.On("b", "x"), Make.Now);
        nodes.AddOrUpdateTask(Make.On("b", "y"), Make.Now);
        for (int i = 0; i < 4; i++)
        {
            nodes.AddOrUpdateTask(Failed("a", "f" + i), Make.Now);
        }

        Assert.Equal(["a"], Placed(nodes, 1, "p"));
        nodes.AddOrUpdateTask(Failed("a", "f4"), Make.Now);
        nodes.AddOrUpdateTask(Failed("a", "f4"), Make.Now);
        Assert.Equal(["b", "b"], Placed(nodes, 2, "q"));
        Assert.Equal(["a"], Placed(nodes, 1, "r", version: 2));
        Assert.Equal(["a"], Placed(nodes, 1, "s", now: Make.Now + TimeSpan.FromMinutes(6)));
    }

    [Fact]
    public void Place_FailureOfARemovedTask_IsRemembered()
    {
        NodeSet nodes = Make.Nodes(Make.Node("a"), Make.Node("b"));
        for (int i = 0; i < 5; i++)
        {
            nodes.AddOrUpdateTask(Failed("a", "f" + i), Make.Now);
            nodes.RemoveTask("f" + i);
        }

        Assert.Equal(["b", "b"], Placed(nodes, 2));
    }

    [Fact]
    public void Place_Preferences_EqualisesBranchesNotNodes()
    {
        NodeSet nodes = Make.Nodes(
            Zoned("a", "east"), Zoned("b", "east"), Zoned("c", "east"), Zoned("d", "west"), Make.Node("e"));

        Assert.Equal(["e", "a", "d", "e", "b", "d"], Placed(nodes, 6, with: Preferring("node.labels.zone")));
    }

    [Fact]
    public void Place_ABranchThatIsFull_OverflowsToOthers()
    {
        NodeSet nodes = Make.Nodes(Zoned("a", "east", cpus: 1), Zoned("b", "west", cpus: 3));
        Assert.Equal(["a", "b", "b", "b"], Placed(nodes, 5, with: t =>
        {
            Preferring("node.labels.zone")(t);
            Make.Reserving(1)(t);
        }));
    }

    [Fact]
    public void Place_NestedPreferences_SpreadsInsideEachBranch()
    {
        NodeSet nodes = Make.Nodes(Racked("a", "east", "1"), Racked("b", "east", "2"), Racked("c", "east", "2"), Racked("d", "west", "1"));

        Assert.Equal(["a", "d", "b", "d", "a", "d", "c", "d"],
            Placed(nodes, 8, with: Preferring("node.labels.zone", "engine.labels.rack")));
    }

    [Fact]
    public void Place_NamedResources_AreClaimedByName()
    {
        NodeSet nodes = Make.Nodes(Make.Node("a", with: n => n.Description.Resources.Generic.AddRange(
            [Make.Named("gpu", "u1"), Make.Named("gpu", "u2"), Make.Named("gpu", "u3"), Make.Discrete("ssd", 5)])));
        Api.Task[] tasks = [.. Enumerable.Range(1, 2).Select(i =>
            Make.Pending("t" + i, slot: (ulong)i, with: Make.Reserving(0, 0, ("gpu", 2), ("ssd", 1))))];

        IReadOnlyList<PlacementDecision> decisions = new TaskPlacer(nodes).Place(tasks, Make.Now);

        Assert.Equal([Make.Named("gpu", "u1"), Make.Named("gpu", "u2"), Make.Discrete("ssd", 1)], decisions[0].Claims);
        Assert.Equal("no suitable node (insufficient resources on 1 node)", decisions[1].Refusal?.Text);
        Assert.Equal(decisions[0].Claims, decisions[0].Apply(new Timestamp()).AssignedGenericResources);
    }

    [Fact]
    public void Place_NoNodeFits_ExplainsWithCountsLargestFirst()
    {
        NodeSet nodes = Make.Nodes(
            Make.Node("a", cpus: 1), Make.Node("b", with: n => n.Role = NodeRole.Manager),
            Make.Node("c", with: n => n.Role = NodeRole.Manager),
            Make.Node("d", with: n => n.Spec.Availability = NodeSpec.Types.Availability.Pause));
        Api.Task task = Make.Pending("t", with: t =>
        {
            Make.Reserving(2)(t);
            Make.Constrained("node.role==worker")(t);
        });

        PlacementDecision decision = Assert.Single(new TaskPlacer(nodes).Place([task], Make.Now));

        Assert.Equal("", decision.NodeId);
        Assert.Equal(
            "no suitable node (scheduling constraints not satisfied on 2 nodes; " +
            "1 node not available for new tasks; insufficient resources on 1 node)",
            decision.Refusal?.Text);
        Assert.Equal(
            [(PlacementReason.ConstraintNotMet, 2), (PlacementReason.NodeNotReady, 1), (PlacementReason.InsufficientResources, 1)],
            decision.Refusal!.Counts.Select(c => (c.Reason, c.Nodes)));
    }

    [Fact]
    public void Place_NoNodes_SaysSo()
    {
        PlacementDecision decision = Assert.Single(new TaskPlacer(new NodeSet()).Place([Make.Pending("t")], Make.Now));
        Assert.Equal("no suitable node", decision.Refusal?.Text);
        Assert.Equal(NodeAspects.All, decision.Refusal?.Remedies);
    }

    [Fact]
    public void Place_DroppedAndStopped_BooksOnlyWhatWasTaken()
    {
        NodeSet nodes = Make.Nodes(Make.Node("a"), Make.Node("b"));
        var verdicts = new Queue<PlacementVerdict>([PlacementVerdict.Dropped, PlacementVerdict.Taken, PlacementVerdict.Stop]);
        var seen = new List<string>();
        Api.Task[] tasks = [.. Enumerable.Range(1, 4).Select(i => Make.Pending("t" + i, slot: (ulong)i))];

        Assert.Null(new TaskPlacer(nodes).Place(tasks, Make.Now, d =>
        {
            seen.Add(d.Task.Id + d.NodeId);
            return verdicts.Dequeue();
        }));

        Assert.Equal(["t1a", "t2a", "t3b"], seen);
        Assert.Equal([("b", 0), ("a", 1)], nodes.Nodes.Select(n => (n.Id, n.ActiveTasks)));
    }

    [Fact]
    public void Place_FilterOfTheHostProgram_IsAskedToo()
    {
        NodeSet nodes = Make.Nodes(Make.Node("a"), Make.Node("b"));
        var placer = new TaskPlacer(nodes, [.. NodeFilters.Default(), new OddFilter()]);

        IReadOnlyList<PlacementDecision> decisions = placer.Place([Make.Pending("t"), Make.Pending("u")], Make.Now);
        Assert.Equal(["b", "b"], decisions.Select(d => d.NodeId));
        nodes.RemoveNode("b");
        Assert.Equal("no suitable node (odd on 1)", placer.Place([Make.Pending("v")], Make.Now)[0].Refusal?.Text);
    }

    [Theory]
    [InlineData("a", null)]
    [InlineData("b", "no suitable node (1 node not available for new tasks)")]
    [InlineData("c", "no suitable node (insufficient resources on 1 node)")]
    [InlineData("gone", "no suitable node (1 node not available for new tasks)")]
    public void Check_TaskWithANode_LooksAtThatNodeAlone(string node, string? refusal)
    {
        NodeSet nodes = Make.Nodes(
            Make.Node("a"), Make.Node("b", with: n => n.Status.State = NodeStatus.Types.State.Down), Make.Node("c", cpus: 0));
        Api.Task task = Make.On(node, "t", state: TaskState.Pending, with: Make.Reserving(1));

        PlacementDecision decision = new TaskPlacer(nodes).Check(task);

        Assert.Equal(refusal, decision.Refusal?.Text);
        Assert.Equal(refusal is null ? node : "", decision.NodeId);
    }

    [Fact]
    public void Apply_Placement_AssignsACopy()
    {
        Api.Task task = Make.Pending("t", with: t => t.Status.Err = "no suitable node");
        byte[] before = Google.Protobuf.MessageExtensions.ToByteArray(task);
        PlacementDecision decision = new TaskPlacer(Make.Nodes(Make.Node("a"))).Place([task], Make.Now)[0];

        Api.Task placed = decision.Apply(new Timestamp { Seconds = 5 });

        Assert.Equal(("a", TaskState.Assigned, "", "scheduler assigned task to node", 5L),
            (placed.NodeId, placed.Status.State, placed.Status.Err, placed.Status.Message, placed.Status.Timestamp.Seconds));
        Assert.Same(task.Spec, placed.Spec);
        Assert.Equal(before, Google.Protobuf.MessageExtensions.ToByteArray(task));
    }

    private static Api.Task Failed(string node, string id) => Make.On(node, id, state: TaskState.Failed);

    private static Node Zoned(string id, string zone, long cpus = 8) =>
        Make.Node(id, cpus, with: n => n.Spec.Annotations.Labels.Add("zone", zone));

    private static Node Racked(string id, string zone, string rack) => Make.Node(id, with: n =>
    {
        n.Spec.Annotations.Labels.Add("zone", zone);
        n.Description.Engine.Labels.Add("rack", rack);
    });

    private static Action<Api.Task> Preferring(params string[] labels) => task => task.Spec.Placement.Preferences.AddRange(
        labels.Select(l => new PlacementPreference { Spread = new SpreadOver { SpreadDescriptor = l } }));

    private static IEnumerable<string> Placed(
        NodeSet nodes, int count, string prefix = "t", ulong version = 1, DateTimeOffset? now = null, Action<Api.Task>? with = null)
    {
        Api.Task[] tasks = [.. Enumerable.Range(1, count).Select(i =>
            Make.Pending(prefix + i, slot: (ulong)i, version: version, with: with))];
        return new TaskPlacer(nodes).Place(tasks, now ?? Make.Now).Where(d => d.Refusal is null).Select(d => d.NodeId);
    }

    private sealed class OddFilter : INodeFilter
    {
        public string Name => "odd";

        public PlacementReason Reason => PlacementReason.Other;

        public NodeAspects DependsOn => NodeAspects.None;

        public bool SetTask(Api.Task task) => true;

        public bool Check(NodeInfo node) => node.Id != "a";

        public string Explain(int nodes) => $"odd on {nodes}";
    }
}
