// SPDX-License-Identifier: Apache-2.0
using Swarm.Runtime;

namespace Swarm.Agent.Tasks;

/// <summary>One thing to do with a task.</summary>
/// <param name="Kind">What.</param>
/// <param name="Operation">For <see cref="TaskStepKind.Operate"/>: which.</param>
/// <param name="Until">For <see cref="TaskStepKind.Wait"/>: until when; null for as long as nothing comes.</param>
/// <param name="Value">For <see cref="TaskStepKind.Save"/> and <see cref="TaskStepKind.Update"/>: the task.</param>
internal readonly record struct TaskStep(
    TaskStepKind Kind, TaskOperation Operation = TaskOperation.None, DateTimeOffset? Until = null, StoredTask? Value = null);
