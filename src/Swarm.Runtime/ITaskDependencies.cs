// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime;

/// <summary>The secrets and configs that managers have assigned to this node; safe to call from any thread.</summary>
public interface ITaskDependencies
{
    /// <summary>Gives a secret.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>The secret, frozen; null when the node has none of this id (yet).</returns>
    Secret? GetSecret(string id);

    /// <summary>Gives a config.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>The config, frozen; null when the node has none of this id (yet).</returns>
    Config? GetConfig(string id);
}
