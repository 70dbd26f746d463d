// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Testing;

/// <summary>A task that really runs in a test cluster.</summary>
public sealed class RunningTask
{
    internal RunningTask(string node, string serviceId, ulong slot, string taskId)
    {
        Node = node;
        ServiceId = serviceId;
        Slot = slot;
        TaskId = taskId;
    }

    /// <summary>The name of the node.</summary>
    public string Node { get; }

    /// <summary>The id of the service.</summary>
    public string ServiceId { get; }

    /// <summary>The slot in the service, from 1; 0 for a task of a global service.</summary>
    public ulong Slot { get; }

    /// <summary>The id of the task.</summary>
    public string TaskId { get; }

    // Completed by a cancelled task or one that is made to fail. Continuations come back to the task's mailbox by themselves.
    internal TaskCompletionSource Failure { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
