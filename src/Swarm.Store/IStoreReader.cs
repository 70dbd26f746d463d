// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Store;

/// <summary>
/// Reads one consistent state. The objects are frozen: never change one, nor its collections; make copies with
/// <c>With…</c>. What a method lists is the state at its call, ordered by id (ordinal) unless said otherwise; going on
/// to enumerate it after later writes is safe. Ids are exact; names are compared without regard to case.
/// </summary>
public interface IStoreReader
{
    /// <summary>Index of the last log entry whose effects this state holds; in Head, of the entry being built if it has any.</summary>
    ulong Index { get; }

    /// <summary>Finds an object.</summary>
    /// <typeparam name="T">One of the ten kinds of stored objects.</typeparam>
    /// <param name="id">Its id.</param>
    /// <returns>The object, or null.</returns>
    T? Get<T>(string id)
        where T : class, IStoreObject;

    /// <summary>
    /// Finds an object by its name: of a node its host name, of a task SERVICE.SLOT.ID; of several the one with the least id.
    /// </summary>
    /// <typeparam name="T">One of the ten kinds of stored objects.</typeparam>
    /// <param name="name">The name, in any case.</param>
    /// <returns>The object, or null.</returns>
    T? GetByName<T>(string name)
        where T : class, IStoreObject;

    /// <summary>Number of objects of a kind.</summary>
    /// <typeparam name="T">One of the ten kinds of stored objects.</typeparam>
    /// <returns>The number.</returns>
    int Count<T>()
        where T : class, IStoreObject;

    /// <summary>All objects of a kind.</summary>
    /// <typeparam name="T">One of the ten kinds of stored objects.</typeparam>
    /// <returns>The objects.</returns>
    IEnumerable<T> All<T>()
        where T : class, IStoreObject;

    /// <summary>The objects whose id begins with a text.</summary>
    /// <typeparam name="T">One of the ten kinds of stored objects.</typeparam>
    /// <param name="prefix">The text; all objects when empty.</param>
    /// <returns>The objects.</returns>
    IEnumerable<T> ByIdPrefix<T>(string prefix)
        where T : class, IStoreObject;

    /// <summary>The objects whose name begins with a text.</summary>
    /// <typeparam name="T">One of the ten kinds of stored objects.</typeparam>
    /// <param name="prefix">The text, in any case; all objects when empty.</param>
    /// <returns>The objects, by name in lower case, then id.</returns>
    IEnumerable<T> ByNamePrefix<T>(string prefix)
        where T : class, IStoreObject;

    /// <summary>The tasks of a service.</summary>
    /// <param name="serviceId">The service.</param>
    /// <returns>The tasks, by slot, then id.</returns>
    IEnumerable<Api.Task> TasksByService(string serviceId);

    /// <summary>The tasks of one slot of a service.</summary>
    /// <param name="serviceId">The service.</param>
    /// <param name="slot">The slot; 0 for tasks of a global service.</param>
    /// <returns>The tasks.</returns>
    IEnumerable<Api.Task> TasksBySlot(string serviceId, ulong slot);

    /// <summary>The tasks assigned to a node.</summary>
    /// <param name="nodeId">The node; empty for tasks that have none yet.</param>
    /// <returns>The tasks.</returns>
    IEnumerable<Api.Task> TasksByNode(string nodeId);

    /// <summary>The tasks of a service that are assigned to a node.</summary>
    /// <param name="serviceId">The service.</param>
    /// <param name="nodeId">The node.</param>
    /// <returns>The tasks.</returns>
    IEnumerable<Api.Task> TasksByServiceAndNode(string serviceId, string nodeId);

    /// <summary>The tasks with a desired state.</summary>
    /// <param name="state">The desired state.</param>
    /// <returns>The tasks.</returns>
    IEnumerable<Api.Task> TasksByDesiredState(TaskState state);

    /// <summary>The tasks that are attached to a network or ask for it.</summary>
    /// <param name="networkId">The network.</param>
    /// <returns>The tasks.</returns>
    IEnumerable<Api.Task> TasksByNetwork(string networkId);

    /// <summary>The tasks that refer to a secret.</summary>
    /// <param name="secretId">The secret.</param>
    /// <returns>The tasks.</returns>
    IEnumerable<Api.Task> TasksBySecret(string secretId);

    /// <summary>The tasks that refer to a config.</summary>
    /// <param name="configId">The config.</param>
    /// <returns>The tasks.</returns>
    IEnumerable<Api.Task> TasksByConfig(string configId);

    /// <summary>The nodes with an observed role.</summary>
    /// <param name="role">The role.</param>
    /// <returns>The nodes.</returns>
    IEnumerable<Node> NodesByRole(NodeRole role);

    /// <summary>The nodes with a membership.</summary>
    /// <param name="membership">The membership.</param>
    /// <returns>The nodes.</returns>
    IEnumerable<Node> NodesByMembership(NodeSpec.Types.Membership membership);

    /// <summary>The services whose spec refers to a network.</summary>
    /// <param name="networkId">The network.</param>
    /// <returns>The services.</returns>
    IEnumerable<Service> ServicesByNetwork(string networkId);

    /// <summary>The services whose spec refers to a secret.</summary>
    /// <param name="secretId">The secret.</param>
    /// <returns>The services.</returns>
    IEnumerable<Service> ServicesBySecret(string secretId);

    /// <summary>The services whose spec refers to a config.</summary>
    /// <param name="configId">The config.</param>
    /// <returns>The services.</returns>
    IEnumerable<Service> ServicesByConfig(string configId);

    /// <summary>The resources of a kind.</summary>
    /// <param name="kind">Name of the extension that defines the kind, in any case.</param>
    /// <returns>The resources.</returns>
    IEnumerable<Resource> ResourcesByKind(string kind);
}
