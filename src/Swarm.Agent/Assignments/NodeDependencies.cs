// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Swarm.Api;
using Swarm.Runtime;

namespace Swarm.Agent.Assignments;

/// <summary>
/// The secrets and configs assigned to this node, in memory only. Read from any thread, written from the agent's mailbox.
/// </summary>
internal sealed class NodeDependencies : ITaskDependencies
{
    private ImmutableSortedDictionary<string, Secret> _secrets =
        ImmutableSortedDictionary.Create<string, Secret>(StringComparer.Ordinal);

    private ImmutableSortedDictionary<string, Config> _configs =
        ImmutableSortedDictionary.Create<string, Config>(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Secret? GetSecret(string id) => Volatile.Read(ref _secrets).GetValueOrDefault(id);

    /// <inheritdoc/>
    public Config? GetConfig(string id) => Volatile.Read(ref _configs).GetValueOrDefault(id);

    internal void Put(Secret secret) => Volatile.Write(ref _secrets, _secrets.SetItem(secret.Id, secret));

    internal void Put(Config config) => Volatile.Write(ref _configs, _configs.SetItem(config.Id, config));

    internal void RemoveSecret(string id) => Volatile.Write(ref _secrets, _secrets.Remove(id));

    internal void RemoveConfig(string id) => Volatile.Write(ref _configs, _configs.Remove(id));
}
