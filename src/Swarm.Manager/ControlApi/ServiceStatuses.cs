// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Store;
using ServiceStatus = Swarm.Api.ListServiceStatusesResponse.Types.ServiceStatus;

namespace Swarm.Manager.ControlApi;

/// <summary>How far services have come.</summary>
internal static class ServiceStatuses
{
    /// <summary>Counts the tasks of a service.</summary>
    /// <param name="state">The store.</param>
    /// <param name="serviceId">The service; one that does not exist has no tasks.</param>
    /// <returns>The counts.</returns>
    public static ServiceStatus Of(IStoreReader state, string serviceId)
    {
        var status = new ServiceStatus { ServiceId = serviceId };
        if (state.Get<Service>(serviceId) is not { } service)
        {
            return status;
        }

        ulong iteration = service.JobStatus?.JobIteration?.Index ?? 0;
        ulong wanted = 0;
        ulong running = 0;
        foreach (Api.Task task in state.TasksByService(serviceId))
        {
            if ((task.JobIteration?.Index ?? 0) != iteration)
            {
                continue;
            }

            TaskState observed = task.ObservedState();
            running += task.DesiredState == TaskState.Running ? 1UL : 0;
            wanted += task.DesiredState is TaskState.Running or TaskState.Complete || observed == TaskState.Complete ? 1UL : 0;
            status.RunningTasks += observed == TaskState.Running && task.DesiredState <= TaskState.Complete ? 1UL : 0;
            status.CompletedTasks += observed == TaskState.Complete ? 1UL : 0;
        }

        status.DesiredTasks = service.Spec?.ModeCase switch
        {
            ServiceSpec.ModeOneofCase.Replicated => service.Spec.Replicated.Replicas,
            ServiceSpec.ModeOneofCase.ReplicatedJob => service.Spec.ReplicatedJob.MaxConcurrent,
            ServiceSpec.ModeOneofCase.Global => running,
            _ => wanted,
        };
        return status;
    }
}
