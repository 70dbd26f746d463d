// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Store.Tables;
using Swarm.Store.Trees;

namespace Swarm.Store;

/// <summary>What all readers of the store share.</summary>
public abstract class StoreReader : IStoreReader
{
    private protected StoreReader()
    {
    }

    /// <inheritdoc/>
    public abstract ulong Index { get; }

    // The state for one lookup.
    private protected abstract StoreRoot Current { get; }

    /// <inheritdoc/>
    public T? Get<T>(string id)
        where T : class, IStoreObject => (T?)Current.Find(ObjectKinds.Of<T>(), id);

    /// <inheritdoc/>
    public T? GetByName<T>(string name)
        where T : class, IStoreObject => (T?)Current.Table(ObjectKinds.Of<T>()).FindByName(name);

    /// <inheritdoc/>
    public int Count<T>()
        where T : class, IStoreObject => Current.Table(ObjectKinds.Of<T>()).Objects.Count;

    /// <inheritdoc/>
    public IEnumerable<T> All<T>()
        where T : class, IStoreObject => ByIdPrefix<T>("");

    /// <inheritdoc/>
    public IEnumerable<T> ByIdPrefix<T>(string prefix)
        where T : class, IStoreObject
    {
        return Scan(Freeze().Table(ObjectKinds.Of<T>()), prefix);

        static IEnumerable<T> Scan(TableState table, string prefix)
        {
            foreach ((IdKey key, IStoreObject o) in table.Objects.From(new(prefix)))
            {
                if (!key.Id.StartsWith(prefix, StringComparison.Ordinal))
                {
                    yield break;
                }

                yield return (T)o;
            }
        }
    }

    /// <inheritdoc/>
    public IEnumerable<T> ByNamePrefix<T>(string prefix)
        where T : class, IStoreObject
    {
        return Scan(Freeze().Table(ObjectKinds.Of<T>()), TableSchema.Fold(prefix));

        static IEnumerable<T> Scan(TableState table, string prefix)
        {
            foreach ((IndexKey key, _) in table.Index(TableSchema.ByName).From(new(prefix, "")))
            {
                if (!key.First.StartsWith(prefix, StringComparison.Ordinal))
                {
                    yield break;
                }

                yield return (T)table.Find(key.Id)!;
            }
        }
    }

    /// <inheritdoc/>
    public IEnumerable<Api.Task> TasksByService(string serviceId) =>
        Lookup<Api.Task>(TableSchema.TaskByService, new(serviceId, ""), IndexDepth.First);

    /// <inheritdoc/>
    public IEnumerable<Api.Task> TasksBySlot(string serviceId, ulong slot) =>
        Lookup<Api.Task>(TableSchema.TaskByService, new(serviceId, "", slot, ""), IndexDepth.Number);

    /// <inheritdoc/>
    public IEnumerable<Api.Task> TasksByNode(string nodeId) =>
        Lookup<Api.Task>(TableSchema.TaskByNode, new(nodeId, ""), IndexDepth.First);

    /// <inheritdoc/>
    public IEnumerable<Api.Task> TasksByServiceAndNode(string serviceId, string nodeId) =>
        Lookup<Api.Task>(TableSchema.TaskByServiceAndNode, new(serviceId, nodeId, 0, ""), IndexDepth.Second);

    /// <inheritdoc/>
    public IEnumerable<Api.Task> TasksByDesiredState(TaskState state) =>
        Lookup<Api.Task>(TableSchema.TaskByDesiredState, new("", "", (ulong)state, ""), IndexDepth.Number);

    /// <inheritdoc/>
    public IEnumerable<Api.Task> TasksByNetwork(string networkId) =>
        Lookup<Api.Task>(TableSchema.TaskByNetwork, new(networkId, ""), IndexDepth.First);

    /// <inheritdoc/>
    public IEnumerable<Api.Task> TasksBySecret(string secretId) =>
        Lookup<Api.Task>(TableSchema.TaskBySecret, new(secretId, ""), IndexDepth.First);

    /// <inheritdoc/>
    public IEnumerable<Api.Task> TasksByConfig(string configId) =>
        Lookup<Api.Task>(TableSchema.TaskByConfig, new(configId, ""), IndexDepth.First);

    /// <inheritdoc/>
    public IEnumerable<Node> NodesByRole(NodeRole role) =>
        Lookup<Node>(TableSchema.NodeByRole, new("", "", (ulong)role, ""), IndexDepth.Number);

    /// <inheritdoc/>
    public IEnumerable<Node> NodesByMembership(NodeSpec.Types.Membership membership) =>
        Lookup<Node>(TableSchema.NodeByMembership, new("", "", (ulong)membership, ""), IndexDepth.Number);

    /// <inheritdoc/>
    public IEnumerable<Service> ServicesByNetwork(string networkId) =>
        Lookup<Service>(TableSchema.ServiceByNetwork, new(networkId, ""), IndexDepth.First);

    /// <inheritdoc/>
    public IEnumerable<Service> ServicesBySecret(string secretId) =>
        Lookup<Service>(TableSchema.ServiceBySecret, new(secretId, ""), IndexDepth.First);

    /// <inheritdoc/>
    public IEnumerable<Service> ServicesByConfig(string configId) =>
        Lookup<Service>(TableSchema.ServiceByConfig, new(configId, ""), IndexDepth.First);

    /// <inheritdoc/>
    public IEnumerable<Resource> ResourcesByKind(string kind) =>
        Lookup<Resource>(TableSchema.ResourceByKind, new(TableSchema.Fold(kind), ""), IndexDepth.First);

    // The state for a list that may be enumerated while writes go on.
    private protected virtual StoreRoot Freeze() => Current;

    private IEnumerable<T> Lookup<T>(int index, IndexKey start, IndexDepth depth)
        where T : class, IStoreObject
    {
        return Scan(Freeze().Table(ObjectKinds.Of<T>()), index, start, depth);

        static IEnumerable<T> Scan(TableState table, int index, IndexKey start, IndexDepth depth)
        {
            foreach ((IndexKey key, _) in table.Index(index).From(start))
            {
                if (key.First != start.First
                    || (depth >= IndexDepth.Second && key.Second != start.Second)
                    || (depth >= IndexDepth.Number && key.Number != start.Number))
                {
                    yield break;
                }

                yield return (T)table.Find(key.Id)!;
            }
        }
    }

    // How much of an index key a lookup holds fixed.
    private enum IndexDepth
    {
        First,
        Second,
        Number,
    }
}
