// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Slots;
using Swarm.Store;

namespace Swarm.Orchestration.Work;

/// <summary>The writes that controllers make to tasks.</summary>
internal static class TaskWrites
{
    /// <summary>Raises what is wanted of a task; it never goes down, and nothing is written where it would not change.</summary>
    public static void Want(this IStoreTransaction tx, string taskId, TaskState desired)
    {
        if (tx.Get<Api.Task>(taskId) is { } task && task.DesiredState < desired)
        {
            tx.Update(task.WithDesiredState(desired));
        }
    }

    /// <summary>Makes a task of a service as it stands in the transaction.</summary>
    public static void CreateTask(this IStoreTransaction tx, string serviceId, SlotKey key, TaskState desired)
    {
        if (tx.Get<Service>(serviceId) is { } service)
        {
            Cluster? cluster = tx.GetByName<Cluster>(SwarmDefaults.ClusterName);
            tx.Create(TaskFactory.Create(tx.Ids.NewId(), service, cluster, key.Slot, key.NodeId, desired, tx.Now));
        }
    }
}
