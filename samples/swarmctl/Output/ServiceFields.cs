// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Swarm.Api;
using Swarm.Client;
using Swarm.Core;
using UpdateState = Swarm.Api.UpdateStatus.Types.UpdateState;

namespace Swarm.Samples.Swarmctl.Output;

/// <summary>What inspect prints of a service.</summary>
internal static class ServiceFields
{
    /// <summary>The fields of a service.</summary>
    /// <param name="service">The service.</param>
    /// <param name="tasks">Its tasks, those that ended too.</param>
    /// <param name="names">Names of nodes.</param>
    /// <param name="now">The time now.</param>
    /// <returns>The fields.</returns>
    public static FieldList Of(Service service, IReadOnlyCollection<Api.Task> tasks, Names names, DateTimeOffset now)
    {
        int running = tasks.Count(static t => t.DesiredState <= TaskState.Running && t.ObservedState() == TaskState.Running);
        var fields = new FieldList();
        fields.Add("ID", service.Id);
        fields.Add("Name", service.Spec?.Annotations?.Name ?? "");
        fields.Labels("Labels", "  ", service.Spec?.Annotations?.Labels);
        fields.Add("Replicas", Replicas(service, running.ToString(CultureInfo.InvariantCulture)));
        if (service.UpdateStatus is { } update && update.State != UpdateState.Unknown)
        {
            fields.Head("Update Status");
            fields.Add(" State", Wire.Name(update.State));
            fields.AddIfSet(" Started", Human.Ago(update.StartedAt, now));
            fields.AddIfSet(" Completed", Human.Ago(update.CompletedAt, now));
            fields.AddIfSet(" Message", update.Message);
        }

        LastError(fields, tasks, names, now);
        fields.Head("Template");
        WorkFields.Add(fields, service.Spec?.Task, " ");
        IEnumerable<PortConfig> ports = service.Endpoint is { Ports.Count: > 0 } endpoint
            ? endpoint.Ports
            : service.Spec?.Endpoint?.Ports ?? Enumerable.Empty<PortConfig>();
        fields.AddIfSet("Ports", string.Join(", ", ports.Select(TaskFields.Port)));
        return fields;
    }

    private static void LastError(FieldList fields, IEnumerable<Api.Task> tasks, Names names, DateTimeOffset now)
    {
        Api.Task? last = tasks.Where(static t => TaskReasons.Of(t).Length > 0).MaxBy(static t => t.Status.Timestamp?.ToDateTimeOffset());
        if (last is not null)
        {
            fields.Head("Last Error");
            fields.Add(" Task", last.Id);
            fields.AddIfSet(" Node", names.Node(last.NodeId));
            fields.Add(" State", TaskTables.LastState(last, now));
            fields.Add(" Reason", TaskReasons.Of(last));
        }
    }

    /// <summary>How many of how many: "3/5", or "global".</summary>
    /// <param name="service">The service.</param>
    /// <param name="running">How many run.</param>
    /// <returns>The text.</returns>
    public static string Replicas(Service service, string running) => service.Spec?.ModeCase switch
    {
        ServiceSpec.ModeOneofCase.Replicated =>
            string.Create(CultureInfo.InvariantCulture, $"{running}/{service.Spec.Replicated.Replicas}"),
        ServiceSpec.ModeOneofCase.ReplicatedJob =>
            string.Create(CultureInfo.InvariantCulture, $"{running}/{service.Spec.ReplicatedJob.TotalCompletions} job"),
        ServiceSpec.ModeOneofCase.GlobalJob => "global job",
        _ => "global",
    };
}
