// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime.Docker.Containers;

/// <summary>What a plan depends on besides the task.</summary>
/// <param name="NodeId">The node that makes the container.</param>
/// <param name="EngineApiVersion">The API version the engine is spoken to with.</param>
/// <param name="SecretsDirectory">Where on the host secrets and configs of all tasks are put; null when the engine is not on this host.</param>
/// <param name="Dependencies">The secrets and configs of this node.</param>
internal sealed record ContainerPlanContext(
    string NodeId, EngineApiVersion EngineApiVersion, string? SecretsDirectory, ITaskDependencies Dependencies)
{
    /// <summary>Host name and platform for templates; null when they are not known.</summary>
    public NodeDescription? Node { get; init; }
}
