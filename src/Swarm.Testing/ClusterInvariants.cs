// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Store;

namespace Swarm.Testing;

/// <summary>What must hold between what a manager believes and what really runs.</summary>
public static class ClusterInvariants
{
    /// <summary>Says what keeps a cluster from being converged.</summary>
    /// <param name="state">The committed state.</param>
    /// <param name="workload">What really runs.</param>
    /// <returns>One line; null if the cluster is converged.</returns>
    public static string? Unconverged(StoreView state, TestWorkload workload)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(workload);
        int wanted = 0;
        foreach (Service service in state.All<Service>())
        {
            Api.Task[] running = [.. state.TasksByService(service.Id).Where(t => t.DesiredState == TaskState.Running
                && t.ObservedState() == TaskState.Running)];
            int want = Wanted(state, service);
            if (running.Length != want)
            {
                return $"service {service.Spec.Annotations.Name} has {running.Length} of {want} tasks running";
            }

            if (service.Spec.Replicated is not null && running.Select(t => t.Slot).Distinct().Count() != want)
            {
                return $"service {service.Spec.Annotations.Name} runs two tasks in one slot";
            }

            wanted += want;
        }

        Api.Task? unsettled = state.All<Api.Task>().FirstOrDefault(t => t.DesiredState > TaskState.Running && !t.ObservedState().IsTerminal());
        if (unsettled is not null)
        {
            return $"task {TaskNaming.Name(unsettled)} should stop and is {unsettled.ObservedState()}";
        }

        IReadOnlyList<RunningTask> real = workload.Running;
        if (real.Count != wanted)
        {
            return $"{real.Count} tasks really run, {wanted} are wanted";
        }

        RunningTask? stray = real.FirstOrDefault(r => state.Get<Api.Task>(r.TaskId) is not { DesiredState: TaskState.Running });
        return stray is null ? null : $"task {stray.TaskId} runs on {stray.Node} and is not wanted";
    }

    /// <summary>How many tasks a service should have now.</summary>
    /// <param name="state">The committed state.</param>
    /// <param name="service">The service; replicated, or global without constraints.</param>
    /// <returns>The count.</returns>
    public static int Wanted(StoreView state, Service service)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(service);
        return service.Spec.Replicated is { } replicated
            ? checked((int)replicated.Replicas)
            : state.All<Node>().Count(n => n.Status?.State == NodeStatus.Types.State.Ready && n.Spec.Availability == NodeSpec.Types.Availability.Active);
    }
}
