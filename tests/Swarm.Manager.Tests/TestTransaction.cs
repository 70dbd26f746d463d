// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;
using Swarm.Store;

namespace Swarm.Manager.Tests;

/// <summary>A transaction that writes straight into a <see cref="TestState"/>.</summary>
internal sealed class TestTransaction(TestState state) : IStoreTransaction
{
    public ulong Index => state.View.Index;

    public ulong EntryIndex => Index + 1;

    public Timestamp Now => Timestamp.FromDateTimeOffset(state.Now);

    public SeededRandom Random => state.Random;

    public IIdSource Ids { get; } = new SeededIdSource(state.Random);

    public void Create<T>(T o)
        where T : class, IStoreObject => state.Put(o);

    public void Update<T>(T o)
        where T : class, IStoreObject => state.Put(o);

    public void Remove<T>(string id)
        where T : class, IStoreObject => state.Remove<T>(id);

    public T? Get<T>(string id)
        where T : class, IStoreObject => state.View.Get<T>(id);

    public T? GetByName<T>(string name)
        where T : class, IStoreObject => state.View.GetByName<T>(name);

    public int Count<T>()
        where T : class, IStoreObject => state.View.Count<T>();

    public IEnumerable<T> All<T>()
        where T : class, IStoreObject => state.View.All<T>();

    public IEnumerable<T> ByIdPrefix<T>(string prefix)
        where T : class, IStoreObject => state.View.ByIdPrefix<T>(prefix);

    public IEnumerable<T> ByNamePrefix<T>(string prefix)
        where T : class, IStoreObject => state.View.ByNamePrefix<T>(prefix);

    public IEnumerable<Api.Task> TasksByService(string serviceId) => state.View.TasksByService(serviceId);

    public IEnumerable<Api.Task> TasksBySlot(string serviceId, ulong slot) => state.View.TasksBySlot(serviceId, slot);

    public IEnumerable<Api.Task> TasksByNode(string nodeId) => state.View.TasksByNode(nodeId);

    public IEnumerable<Api.Task> TasksByServiceAndNode(string serviceId, string nodeId) =>
        state.View.TasksByServiceAndNode(serviceId, nodeId);

    public IEnumerable<Api.Task> TasksByDesiredState(TaskState desired) => state.View.TasksByDesiredState(desired);

    public IEnumerable<Api.Task> TasksByNetwork(string networkId) => state.View.TasksByNetwork(networkId);

    public IEnumerable<Api.Task> TasksBySecret(string secretId) => state.View.TasksBySecret(secretId);

    public IEnumerable<Api.Task> TasksByConfig(string configId) => state.View.TasksByConfig(configId);

    public IEnumerable<Node> NodesByRole(NodeRole role) => state.View.NodesByRole(role);

    public IEnumerable<Node> NodesByMembership(NodeSpec.Types.Membership membership) => state.View.NodesByMembership(membership);

    public IEnumerable<Service> ServicesByNetwork(string networkId) => state.View.ServicesByNetwork(networkId);

    public IEnumerable<Service> ServicesBySecret(string secretId) => state.View.ServicesBySecret(secretId);

    public IEnumerable<Service> ServicesByConfig(string configId) => state.View.ServicesByConfig(configId);

    public IEnumerable<Resource> ResourcesByKind(string kind) => state.View.ResourcesByKind(kind);
}
