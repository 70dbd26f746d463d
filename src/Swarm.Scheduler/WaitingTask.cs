// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>A task that waits for a node, or for the word that it may run on the node it has.</summary>
internal sealed class WaitingTask(Api.Task task, TaskGroup group)
{
    public Api.Task Task { get; set; } = task;

    public TaskGroup Group { get; } = group;

    /// <summary>The reason handed out last, so that it is not handed out twice.</summary>
    public string Told { get; set; } = task.Status?.Err ?? "";

    public (ulong Slot, string Id) Key => (Task.Slot, Task.Id);
}
