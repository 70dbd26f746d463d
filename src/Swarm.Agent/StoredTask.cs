// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Agent;

/// <summary>A task as the agent remembers it.</summary>
/// <param name="Task">The task as the manager last sent it.</param>
/// <param name="Status">What the agent last observed; null before the first status.</param>
/// <param name="IsAssigned">False once the manager took the task away and only its clean-up is left.</param>
public sealed record StoredTask(Api.Task Task, TaskStatus? Status, bool IsAssigned);
