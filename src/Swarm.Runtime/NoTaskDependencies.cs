// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime;

/// <summary>Dependencies of tasks that have none.</summary>
public sealed class NoTaskDependencies : ITaskDependencies
{
    /// <summary>The one instance needed.</summary>
    public static NoTaskDependencies Instance { get; } = new();

    /// <inheritdoc/>
    public Secret? GetSecret(string id) => null;

    /// <inheritdoc/>
    public Config? GetConfig(string id) => null;
}
