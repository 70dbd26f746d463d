// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Agent;

/// <summary>One write to an <see cref="ITaskStateStore"/>.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Value">What to remember of it in place of what was there; null forgets the task.</param>
public sealed record TaskStateWrite(string TaskId, StoredTask? Value);
