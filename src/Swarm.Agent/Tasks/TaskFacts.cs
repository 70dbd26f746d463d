// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Agent.Tasks;

/// <summary>What a controller knows of its running task beside its state.</summary>
/// <param name="Container">Process id and exit code; null where unknown.</param>
/// <param name="Ports">The ports it listens on; null where unknown.</param>
internal readonly record struct TaskFacts(ContainerStatus? Container, PortStatus? Ports);
