// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Scheduler;

/// <summary>What a task asks of a node, read from the places where the wire keeps it.</summary>
internal static class TaskDemands
{
    /// <summary>Processors reserved, in billionths; what is not positive asks nothing.</summary>
    public static long NanoCpus(Api.Task task) => Math.Max(0, task.Spec?.Resources?.Reservations?.NanoCpus ?? 0);

    /// <summary>Memory reserved, in bytes; what is not positive asks nothing.</summary>
    public static long MemoryBytes(Api.Task task) => Math.Max(0, task.Spec?.Resources?.Reservations?.MemoryBytes ?? 0);

    /// <summary>Generic resources reserved: kind and count, each kind once, in the order asked. Wide, so that no sum wraps.</summary>
    public static IReadOnlyList<(string Kind, Int128 Count)> Generic(Api.Task task)
    {
        if (task.Spec?.Resources?.Reservations?.Generic is not { Count: > 0 } asked)
        {
            return [];
        }

        var demands = new List<(string Kind, Int128 Count)>(asked.Count);
        foreach (GenericResource resource in asked)
        {
            if (resource.DiscreteResourceSpec is not { Value: > 0 } demand)
            {
                continue;
            }

            int at = demands.FindIndex(d => d.Kind == demand.Kind);
            if (at < 0)
            {
                demands.Add((demand.Kind, demand.Value));
            }
            else
            {
                demands[at] = (demand.Kind, demands[at].Count + demand.Value);
            }
        }

        return demands;
    }

    /// <summary>
    /// Ports that the task takes on its host. An allocated endpoint lists them; before allocation its spec does. A port of 0 is
    /// chosen by the node and collides with nothing.
    /// </summary>
    public static IEnumerable<(PortConfig.Types.Protocol Protocol, uint Port)> HostPorts(Api.Task task)
    {
        IReadOnlyList<PortConfig> ports = task.Endpoint?.Ports is { Count: > 0 } allocated ? allocated
            : task.Endpoint?.Spec?.Ports is { } wished ? wished : [];
        foreach (PortConfig port in ports)
        {
            if (port.PublishMode == PortConfig.Types.PublishMode.Host && port.PublishedPort != 0)
            {
                yield return (port.Protocol, port.PublishedPort);
            }
        }
    }

    /// <summary>The version of the service that the task is of; null if it stands alone.</summary>
    public static ServiceVersion? VersionOf(Api.Task task) =>
        task.ServiceId.Length > 0 && task.SpecVersion is { } version ? new ServiceVersion(task.ServiceId, version.Index) : null;

    /// <summary>Whether two versions of a task ask the same of placement. Copies share what did not change, so this is cheap.</summary>
    public static bool AskSame(Api.Task left, Api.Task right) =>
        left.Slot == right.Slot
        && left.NodeId == right.NodeId
        && Same(left.Spec, right.Spec)
        && Same(left.Endpoint, right.Endpoint)
        && Same(left.LogDriver, right.LogDriver)
        && Same(left.Networks, right.Networks);

    private static bool Same(object? left, object? right) => ReferenceEquals(left, right) || Equals(left, right);
}
