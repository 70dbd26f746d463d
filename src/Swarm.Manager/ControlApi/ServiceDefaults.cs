// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Manager.ControlApi;

/// <summary>Fills in what a service spec left unset, for people and tools that want to see what counts.</summary>
internal static class ServiceDefaults
{
    /// <summary>A service whose spec says everything.</summary>
    /// <param name="service">The service as stored.</param>
    /// <returns>A copy with the defaults of SwarmKit where nothing was set.</returns>
    public static Service Fill(Service service)
    {
        if (service.Spec is not { } spec)
        {
            return service;
        }

        ServiceSpec filled = spec.WithTask(Fill(spec.Task ?? new TaskSpec()));
        filled.Endpoint ??= new EndpointSpec();
        if (spec.ModeCase is ServiceSpec.ModeOneofCase.Replicated or ServiceSpec.ModeOneofCase.Global)
        {
            filled.Update = Fill(spec.Update);
            filled.Rollback = Fill(spec.Rollback);
        }

        return service.WithSpec(filled);
    }

    private static TaskSpec Fill(TaskSpec spec)
    {
        TaskSpec filled = spec.ShallowCopy();
        filled.Placement ??= new Placement();
        ResourceRequirements resources = (spec.Resources ?? new ResourceRequirements()).ShallowCopy();
        resources.Limits ??= new Resources();
        resources.Reservations ??= new Resources();
        filled.Resources = resources;
        RestartPolicy restart = (spec.Restart ?? new RestartPolicy { Condition = RestartPolicy.Types.RestartCondition.Any }).ShallowCopy();
        restart.Delay ??= Duration.FromTimeSpan(SwarmDefaults.RestartDelay);
        restart.Window ??= new Duration();
        filled.Restart = restart;
        if (spec.Container is { } container)
        {
            ContainerSpec copy = container.ShallowCopy();
            copy.StopGracePeriod ??= Duration.FromTimeSpan(SwarmDefaults.StopGracePeriod);
            copy.PullOptions ??= new ContainerSpec.Types.PullOptions();
            copy.DnsConfig ??= new ContainerSpec.Types.DNSConfig();
            filled.Container = copy;
        }

        return filled;
    }

    private static UpdateConfig Fill(UpdateConfig? config)
    {
        UpdateConfig filled = (config ?? new UpdateConfig { Parallelism = 1 }).ShallowCopy();
        filled.Delay ??= new Duration();
        filled.Monitor ??= Duration.FromTimeSpan(SwarmDefaults.UpdateMonitor);
        return filled;
    }
}
