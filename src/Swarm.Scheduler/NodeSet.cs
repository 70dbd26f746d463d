// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Scheduler;

/// <summary>
/// All nodes with what their tasks hold, kept up to date change by change. Nodes and tasks may come in any order, and the same
/// change twice does no harm. Deterministic; not thread-safe.
/// </summary>
public sealed class NodeSet
{
    private readonly Dictionary<string, NodeInfo> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Placed> _tasks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<string, NodeInfo>> _byService = new(StringComparer.Ordinal);

    /// <summary>Makes an empty set.</summary>
    /// <param name="options">Settings; the defaults if null.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public NodeSet(PlacementOptions? options = null)
    {
        options ??= new PlacementOptions();
        options.Validate();
        Failures = new FailureMemory(options);
        Constrained = new ConstrainedOrders(this);
    }

    /// <summary>How many nodes there are.</summary>
    public int Count => Ready.Count + Unready.Count;

    /// <summary>The nodes there are: those that take tasks first, then by active tasks and id.</summary>
    public IEnumerable<NodeInfo> Nodes
    {
        get
        {
            foreach (NodeOrder order in new[] { Ready, Unready })
            {
                for (int i = 0; i < order.Count; i++)
                {
                    yield return order[i];
                }
            }
        }
    }

    internal NodeOrder Ready { get; } = new();

    internal NodeOrder Unready { get; } = new();

    /// <summary>Parts of <see cref="Ready"/>.</summary>
    internal ConstrainedOrders Constrained { get; }

    internal FailureMemory Failures { get; }

    /// <summary>Looks up a node.</summary>
    /// <param name="nodeId">Its id.</param>
    /// <param name="node">The node.</param>
    /// <returns>False if there is no such node.</returns>
    public bool TryGetNode(string nodeId, [NotNullWhen(true)] out NodeInfo? node) =>
        _nodes.TryGetValue(nodeId, out node) && node.IsKnown;

    /// <summary>Whether a task is counted on a node.</summary>
    /// <param name="taskId">The task.</param>
    /// <returns>True between its assignment and its end.</returns>
    public bool ContainsTask(string taskId) => _tasks.ContainsKey(taskId);

    /// <summary>Takes a node in, or takes over its new version.</summary>
    /// <param name="node">The node.</param>
    /// <returns>On which sides it changed; <see cref="NodeAspects.All"/> for a new one.</returns>
    public NodeChange AddOrUpdateNode(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        NodeInfo info = GetOrAdd(node.Id);
        NodeAspects aspects = info.IsKnown ? NodeDifference.Between(info.Node, node) : NodeAspects.All;
        Unlist(info);
        info.SetNode(node);
        if ((aspects & NodeAspects.Attributes) != NodeAspects.None)
        {
            Constrained.Judge(info);
        }

        List(info);
        return aspects == NodeAspects.None ? NodeChange.None : new NodeChange(node.Id, aspects, "");
    }

    /// <summary>Takes a node out. What is known of its tasks stays until they end, should the node come back.</summary>
    /// <param name="nodeId">Its id.</param>
    /// <returns>False if there is no such node.</returns>
    public bool RemoveNode(string nodeId)
    {
        if (!TryGetNode(nodeId, out NodeInfo? info))
        {
            return false;
        }

        Unlist(info);
        info.ForgetNode();
        info.ConstraintSets = 0;
        DropIfEmpty(info);
        return true;
    }

    /// <summary>
    /// Takes a task in, or takes over its new version. It holds its claims from ASSIGNED until its work is over, and counts
    /// as active by <see cref="TaskStates.IsActive"/>. A failure on a node that is known is remembered for a while, also when
    /// the task is removed.
    /// </summary>
    /// <param name="task">The task.</param>
    /// <param name="now">The time; a failure without a time of its own counts as of now.</param>
    /// <returns>What got free.</returns>
    public NodeChange AddOrUpdateTask(Api.Task task, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(task);
        NoteFailure(task, now);
        if (task.NodeId.Length == 0 || task.ObservedState() < TaskState.Assigned || !task.HoldsClaims())
        {
            return RemoveTask(task.Id);
        }

        bool active = task.IsActive();
        NodeChange freed = NodeChange.None;
        if (_tasks.TryGetValue(task.Id, out Placed? placed))
        {
            if (placed.Node.Id == task.NodeId && placed.IsActive == active && HoldSame(placed.Task, task))
            {
                placed.Task = task;
                return NodeChange.None;
            }

            freed = RemoveTask(task.Id);
        }

        NodeInfo node = GetOrAdd(task.NodeId);
        node.Book(task, 1);
        _tasks.Add(task.Id, new Placed(node, task, active));
        if (active)
        {
            CountActive(node, task.ServiceId, 1);
        }

        return freed;
    }

    /// <summary>Takes a task out, with all it holds.</summary>
    /// <param name="taskId">The task.</param>
    /// <returns>What got free.</returns>
    public NodeChange RemoveTask(string taskId)
    {
        if (!_tasks.Remove(taskId, out Placed? placed))
        {
            return NodeChange.None;
        }

        placed.Node.Book(placed.Task, -1);
        if (placed.IsActive)
        {
            CountActive(placed.Node, placed.Task.ServiceId, -1);
        }

        DropIfEmpty(placed.Node);
        NodeAspects freed = NodeAspects.Capacity | NodeAspects.HostPorts | (placed.IsActive ? NodeAspects.ServiceTasks : NodeAspects.None);
        return new NodeChange(placed.Node.Id, freed, placed.Task.ServiceId);
    }

    /// <summary>The nodes that have active tasks of a service, by id.</summary>
    internal IEnumerable<NodeInfo> NodesOf(string serviceId) =>
        _byService.TryGetValue(serviceId, out SortedDictionary<string, NodeInfo>? nodes) ? nodes.Values : [];

    internal SpreadKey KeyOf(NodeInfo node, string serviceId, ServiceVersion? version, DateTimeOffset now) =>
        new(Failures.Weight(node, version, now), node.ActiveTasksOf(serviceId), node.ActiveTasks, node.Id);

    private void NoteFailure(Api.Task task, DateTimeOffset now)
    {
        if (!TryGetNode(task.NodeId, out NodeInfo? node)
            || task.ObservedState() is not (TaskState.Failed or TaskState.Rejected)
            || TaskDemands.VersionOf(task) is not { } version)
        {
            return;
        }

        // The manager's own stamp is better than the agent's, whose clock may be wrong.
        Timestamp? stamp = task.Status.AppliedAt ?? task.Status.Timestamp;
        DateTimeOffset at = stamp.ToTime() ?? now;
        Failures.Note(node, version, task.Id, at < now ? at : now, now);
    }

    private static bool HoldSame(Api.Task held, Api.Task task) =>
        ReferenceEquals(held, task)
        || ((ReferenceEquals(held.Spec, task.Spec) || Equals(held.Spec?.Resources, task.Spec?.Resources))
            && (ReferenceEquals(held.AssignedGenericResources, task.AssignedGenericResources)
                || held.AssignedGenericResources.Equals(task.AssignedGenericResources))
            && (ReferenceEquals(held.Endpoint, task.Endpoint) || Equals(held.Endpoint, task.Endpoint))
            && held.ServiceId == task.ServiceId);

    private void CountActive(NodeInfo node, string serviceId, int sign)
    {
        Unlist(node);
        node.CountActive(serviceId, sign);
        List(node);
        if (serviceId.Length == 0)
        {
            return;
        }

        int count = node.ActiveTasksOf(serviceId);
        if (count == 1 && sign > 0)
        {
            if (!_byService.TryGetValue(serviceId, out SortedDictionary<string, NodeInfo>? nodes))
            {
                _byService.Add(serviceId, nodes = new SortedDictionary<string, NodeInfo>(StringComparer.Ordinal));
            }

            nodes.Add(node.Id, node);
        }
        else if (count == 0 && _byService.TryGetValue(serviceId, out SortedDictionary<string, NodeInfo>? nodes))
        {
            nodes.Remove(node.Id);
            if (nodes.Count == 0)
            {
                _byService.Remove(serviceId);
            }
        }
    }

    private NodeInfo GetOrAdd(string nodeId)
    {
        if (!_nodes.TryGetValue(nodeId, out NodeInfo? info))
        {
            _nodes.Add(nodeId, info = new NodeInfo(nodeId));
        }

        return info;
    }

    private void DropIfEmpty(NodeInfo node)
    {
        if (!node.IsKnown && node.HeldTasks == 0)
        {
            _nodes.Remove(node.Id);
        }
    }

    private void List(NodeInfo node)
    {
        if (node.IsKnown)
        {
            (node.IsReady ? Ready : Unready).Add(node);
            if (node.IsReady)
            {
                Constrained.Add(node);
            }
        }
    }

    private void Unlist(NodeInfo node)
    {
        if (node.IsKnown)
        {
            (node.IsReady ? Ready : Unready).Remove(node);
            if (node.IsReady)
            {
                Constrained.Remove(node);
            }
        }
    }

    private sealed class Placed(NodeInfo node, Api.Task task, bool isActive)
    {
        public NodeInfo Node { get; } = node;

        public bool IsActive { get; } = isActive;

        public Api.Task Task { get; set; } = task;
    }
}
