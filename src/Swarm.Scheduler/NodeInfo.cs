// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Scheduler;

/// <summary>A node with what its tasks leave free. Kept by a <see cref="NodeSet"/>; not thread-safe.</summary>
public sealed class NodeInfo
{
    private readonly Dictionary<string, int> _activeByService = new(StringComparer.Ordinal);
    private readonly Dictionary<(PortConfig.Types.Protocol, uint), int> _hostPorts = [];
    private readonly GenericLedger _generic = new();
    private Int128 _reservedNanoCpus;
    private Int128 _reservedMemoryBytes;

    internal NodeInfo(string id)
    {
        Id = id;
        Node = new Node { Id = id };
    }

    /// <summary>The id of the node.</summary>
    public string Id { get; }

    /// <summary>The node as last seen; an empty one if its tasks were seen before it, or after it had gone.</summary>
    public Node Node { get; private set; }

    /// <summary>Whether the node itself exists.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>Whether the node takes new tasks: it exists, is READY and ACTIVE.</summary>
    public bool IsReady { get; private set; }

    /// <summary>How many tasks are active here (<see cref="TaskStates.IsActive"/>).</summary>
    public int ActiveTasks { get; private set; }

    /// <summary>Processors not reserved, in billionths; negative if more is reserved than there is.</summary>
    public long FreeNanoCpus { get; private set; }

    /// <summary>Memory not reserved, in bytes; negative if more is reserved than there is.</summary>
    public long FreeMemoryBytes { get; private set; }

    internal FailureList? Failures { get; set; }

    /// <summary>To which sets of constraints it belongs, a bit for each; see <see cref="ConstrainedOrders"/>.</summary>
    internal uint ConstraintSets { get; set; }

    internal int HeldTasks { get; private set; }

    /// <summary>How many tasks of one service are active here.</summary>
    /// <param name="serviceId">The service.</param>
    /// <returns>The count.</returns>
    public int ActiveTasksOf(string serviceId) => _activeByService.GetValueOrDefault(serviceId);

    /// <summary>Whether a task here, that has not stopped, holds a port of the host.</summary>
    /// <param name="protocol">The protocol.</param>
    /// <param name="port">The port on the host.</param>
    /// <returns>True if it is taken.</returns>
    public bool IsHostPortTaken(PortConfig.Types.Protocol protocol, uint port) => _hostPorts.ContainsKey((protocol, port));

    /// <summary>How much of a generic resource is free.</summary>
    /// <param name="kind">The kind, as in "gpu".</param>
    /// <returns>The count; negative if more is held than the node has.</returns>
    public long FreeGenericResource(string kind) => Clamp(_generic.Free(Node.Description?.Resources, kind));

    internal List<GenericResource> ChooseGenericResources(Api.Task task) =>
        TaskDemands.Generic(task) is { Count: > 0 } demands ? _generic.Choose(Node.Description?.Resources, demands) : [];

    internal void SetNode(Node node)
    {
        Node = node;
        IsKnown = true;
        CountFree();
        IsReady = (node.Status?.State ?? NodeStatus.Types.State.Unknown) == NodeStatus.Types.State.Ready
            && (node.Spec?.Availability ?? NodeSpec.Types.Availability.Active) == NodeSpec.Types.Availability.Active;
    }

    internal void ForgetNode()
    {
        Node = new Node { Id = Id };
        IsKnown = false;
        CountFree();
        IsReady = false;
    }

    /// <summary>Books what a task holds (+1) or takes it off again (-1).</summary>
    internal void Book(Api.Task task, int sign)
    {
        HeldTasks += sign;
        _reservedNanoCpus += sign * (Int128)TaskDemands.NanoCpus(task);
        _reservedMemoryBytes += sign * (Int128)TaskDemands.MemoryBytes(task);
        CountFree();
        if (task.AssignedGenericResources.Count > 0)
        {
            _generic.Book(task.AssignedGenericResources, sign);
        }

        foreach ((PortConfig.Types.Protocol, uint) port in TaskDemands.HostPorts(task))
        {
            Count(_hostPorts, port, sign);
        }
    }

    /// <summary>Counts an active task in or out.</summary>
    internal void CountActive(string serviceId, int sign)
    {
        ActiveTasks += sign;
        if (serviceId.Length > 0)
        {
            Count(_activeByService, serviceId, sign);
        }
    }

    private void CountFree()
    {
        FreeNanoCpus = Clamp((Node.Description?.Resources?.NanoCpus ?? 0) - _reservedNanoCpus);
        FreeMemoryBytes = Clamp((Node.Description?.Resources?.MemoryBytes ?? 0) - _reservedMemoryBytes);
    }

    private static void Count<TKey>(Dictionary<TKey, int> counts, TKey key, int sign)
        where TKey : notnull
    {
        int count = counts.GetValueOrDefault(key) + sign;
        if (count == 0)
        {
            counts.Remove(key);
        }
        else
        {
            counts[key] = count;
        }
    }

    private static long Clamp(Int128 value) => value > long.MaxValue ? long.MaxValue : value < long.MinValue ? long.MinValue : (long)value;
}
