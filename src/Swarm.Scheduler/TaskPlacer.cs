// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;

namespace Swarm.Scheduler;

/// <summary>
/// Chooses nodes for tasks: filters, then spread. Pure but for the <see cref="NodeSet"/> it books placements in; equal inputs give
/// equal decisions. Not thread-safe.
/// </summary>
public sealed class TaskPlacer
{
    private readonly FilterPipeline _filters;

    /// <summary>Makes a placer.</summary>
    /// <param name="nodes">The nodes to place on.</param>
    /// <param name="filters">The filters after readiness; <see cref="NodeFilters.Default"/> if null. They belong to this placer.</param>
    public TaskPlacer(NodeSet nodes, IEnumerable<INodeFilter>? filters = null)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        Nodes = nodes;
        _filters = new FilterPipeline(filters);
    }

    /// <summary>The nodes.</summary>
    public NodeSet Nodes { get; }

    /// <summary>Places tasks of one version of one service one after the other, each on the best node at its turn.</summary>
    /// <param name="tasks">Tasks that are alike but for their slots; none of them has a node.</param>
    /// <param name="now">The time, against which failures are recent.</param>
    /// <param name="commit">
    /// Is handed each placement. A placement taken is booked in <see cref="Nodes"/>, unless the callback did that itself.
    /// </param>
    /// <returns>Why the first task that got no node got none,
    /// which holds for those after it too; null if all were placed, or placing was stopped.</returns>
    public PlacementRefusal? Place(IReadOnlyList<Api.Task> tasks, DateTimeOffset now, Func<PlacementDecision, PlacementVerdict> commit)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(commit);
        if (tasks.Count == 0)
        {
            return null;
        }

        var group = new GroupContext(Nodes, _filters, tasks[0], now);
        IReadOnlyList<NodeAttribute> labels = PreferenceTree.LabelsOf(tasks[0]);
        ICandidates candidates = labels.Count > 0 ? new PreferenceTree(group, labels) : new SpreadCandidates(group);
        foreach (Api.Task task in tasks)
        {
            if (candidates.Next() is not { } node)
            {
                return group.Explain();
            }

            PlacementDecision decision = PlacementDecision.On(task, node);
            PlacementVerdict verdict = commit(decision);
            if (verdict == PlacementVerdict.Stop)
            {
                return null;
            }

            if (verdict == PlacementVerdict.Taken)
            {
                Book(decision, now);
                candidates.Placed();
            }
            else
            {
                candidates.NotPlaced();
            }
        }

        return null;
    }

    /// <summary>Places tasks of one version of one service, and books all placements.</summary>
    /// <param name="tasks">Tasks that are alike but for their slots; none of them has a node.</param>
    /// <param name="now">The time, against which failures are recent.</param>
    /// <returns>A decision for each task, in the same order.</returns>
    public IReadOnlyList<PlacementDecision> Place(IReadOnlyList<Api.Task> tasks, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        var decisions = new List<PlacementDecision>(tasks.Count);
        PlacementRefusal? refusal = Place(tasks, now, decision =>
        {
            decisions.Add(decision);
            return PlacementVerdict.Taken;
        });
        if (refusal is not null)
        {
            decisions.AddRange(tasks.Skip(decisions.Count).Select(t => PlacementDecision.None(t, refusal)));
        }

        return decisions;
    }

    /// <summary>Checks whether a task that has its node already (as those of global services) may run there. Books nothing.</summary>
    /// <param name="task">A task with a node.</param>
    /// <returns>The same node, or why not.</returns>
    public PlacementDecision Check(Api.Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        _filters.SetTask(task);
        bool known = Nodes.TryGetNode(task.NodeId, out NodeInfo? node);
        int refusal = known ? _filters.FirstRefusal(node!) : 0;
        if (refusal < 0)
        {
            return PlacementDecision.On(task, node!);
        }

        int[] counts = new int[_filters.Count];
        counts[refusal] = 1;
        return PlacementDecision.None(task, _filters.Explain(counts));
    }

    /// <summary>Whether at least one of some nodes may take a task.</summary>
    internal bool FitsAny(Api.Task task, IEnumerable<string> nodeIds)
    {
        _filters.SetTask(task);
        foreach (string nodeId in nodeIds)
        {
            if (Nodes.TryGetNode(nodeId, out NodeInfo? node) && _filters.FirstRefusal(node) < 0)
            {
                return true;
            }
        }

        return false;
    }

    internal void Book(PlacementDecision decision, DateTimeOffset now)
    {
        if (!Nodes.ContainsTask(decision.Task.Id))
        {
            Nodes.AddOrUpdateTask(decision.Apply(Timestamp.FromDateTimeOffset(now)), now);
        }
    }
}
