// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;

namespace Swarm.Orchestration;

/// <summary>Makes the tasks of services. Pure and thread-safe.</summary>
public static class TaskFactory
{
    /// <summary>What the status of a new task says.</summary>
    public const string CreatedMessage = "created";

    /// <summary>
    /// Makes a task of a service as it stands. The task shares the frozen specs of the service; it is never edited to
    /// follow a later spec: a change of the service makes a new task.
    /// </summary>
    /// <param name="id">The id of the task.</param>
    /// <param name="service">The service.</param>
    /// <param name="cluster">The cluster, for the log driver of services that name none; null where there is none yet.</param>
    /// <param name="slot">The slot, from 1; 0 for a task of a global service.</param>
    /// <param name="nodeId">The node of a task of a global service; empty where the scheduler chooses.</param>
    /// <param name="desired">The wanted state: running, or ready for a replacement that must wait.</param>
    /// <param name="now">The time of its making.</param>
    /// <returns>A task in state NEW.</returns>
    public static Api.Task Create(
        string id, Service service, Cluster? cluster, ulong slot, string nodeId, TaskState desired, Timestamp now) => new()
        {
            Id = id,
            ServiceId = service.Id,
            ServiceAnnotations = service.Spec?.Annotations,
            Spec = service.Spec?.Task,
            SpecVersion = service.SpecVersion,
            Slot = slot,
            NodeId = nodeId,
            DesiredState = desired,
            Status = new Api.TaskStatus { State = TaskState.New, Message = CreatedMessage, Timestamp = now },
            Endpoint = new Endpoint { Spec = service.Spec?.Endpoint },
            LogDriver = service.Spec?.Task?.LogDriver ?? cluster?.Spec?.TaskDefaults?.LogDriver,
        };
}
