// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Docker.Tests;

/// <summary>A task that the manager holds for running, in the one container that really runs it.</summary>
/// <param name="Id">Of the task.</param>
/// <param name="Slot">Of the task; 0 in a global service.</param>
/// <param name="Engine">Which engine has the container, from 0.</param>
/// <param name="ContainerId">The engine's id of it.</param>
internal sealed record BehaviourTask(string Id, ulong Slot, int Engine, string ContainerId);
