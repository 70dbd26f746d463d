// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Samples.Swarmctl.Output;

/// <summary>What inspect prints of a task.</summary>
internal static class TaskFields
{
    /// <summary>The fields of a task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="names">Names of services and nodes.</param>
    /// <param name="now">The time now.</param>
    /// <returns>The fields.</returns>
    public static FieldList Of(Api.Task task, Names names, DateTimeOffset now)
    {
        var fields = new FieldList();
        fields.Add("ID", task.Id);
        fields.Add("Slot", task.Slot.ToString(CultureInfo.InvariantCulture));
        fields.Add("Service", names.Service(task.ServiceId));
        Status(fields, task, now);
        fields.AddIfSet("Node", names.Node(task.NodeId));
        fields.Head("Spec");
        WorkFields.Add(fields, task.Spec, " ");
        fields.AddIfSet("Ports", string.Join(", ", Ports(task).Select(Port)));
        fields.AddIfSet("Assigned", string.Join(", ", task.AssignedGenericResources.Select(static r => r.ToString())));
        return fields;
    }

    /// <summary>A port as "8080/tcp", with the port inside where that is another.</summary>
    /// <param name="port">The port.</param>
    /// <returns>The text.</returns>
    public static string Port(PortConfig port)
    {
        string protocol = port.Protocol.ToString().ToLowerInvariant();
        uint outer = port.PublishedPort == 0 ? port.TargetPort : port.PublishedPort;
        string text = string.Create(CultureInfo.InvariantCulture, $"{outer}/{protocol}");
        return port.TargetPort == outer || port.TargetPort == 0
            ? text
            : string.Create(CultureInfo.InvariantCulture, $"{text} -> {port.TargetPort}");
    }

    // What the node tells counts more than what it was told: it chooses where 0 is published, and who is told 0 learns nothing.
    private static IEnumerable<PortConfig> Ports(Api.Task task)
    {
        PortConfig[] told = [.. task.Status?.PortStatus?.Ports ?? Enumerable.Empty<PortConfig>()];
        IEnumerable<PortConfig> given = task.Endpoint?.Ports ?? Enumerable.Empty<PortConfig>();
        return told.Concat(given.Where(g => !Array.Exists(told, t => Answers(t, g)))).Distinct();
    }

    private static bool Answers(PortConfig told, PortConfig given) =>
        given is { PublishMode: PortConfig.Types.PublishMode.Host, PublishedPort: 0 }
        && told.TargetPort == given.TargetPort && told.Protocol == given.Protocol;

    private static void Status(FieldList fields, Api.Task task, DateTimeOffset now)
    {
        fields.Head("Status");
        fields.Add("  Desired State", Wire.Name(task.DesiredState));
        fields.Add("  Last State", Wire.Name(task.ObservedState()));
        fields.AddIfSet("  Since", Human.Ago(task.Status?.Timestamp, now));
        fields.AddIfSet("  Message", task.Status?.Message);
        fields.AddIfSet("  Error", task.Status?.Err);
        fields.AddIfSet("  Waiting for", task.Annotations?.Labels.GetValueOrDefault(SwarmDefaults.WaitingLabel));
        if (task.Status?.Container is { } container)
        {
            fields.AddIfSet("  ContainerID", container.ContainerId);
            fields.AddIfSet("  Pid", container.Pid == 0 ? "" : container.Pid.ToString(CultureInfo.InvariantCulture));
            bool ended = task.ObservedState().IsTerminal();
            fields.AddIfSet("  ExitCode", ended ? container.ExitCode.ToString(CultureInfo.InvariantCulture) : "");
        }
    }
}
