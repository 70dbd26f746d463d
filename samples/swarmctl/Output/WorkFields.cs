// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Core;

namespace Swarm.Samples.Swarmctl.Output;

/// <summary>What inspect prints of a task spec, under a heading that is there already.</summary>
internal static class WorkFields
{
    /// <summary>Adds the fields of a task spec.</summary>
    /// <param name="fields">Where to.</param>
    /// <param name="spec">The spec; null for none.</param>
    /// <param name="indent">What stands before each name.</param>
    public static void Add(FieldList fields, TaskSpec? spec, string indent)
    {
        if (spec?.Container is { } container)
        {
            Container(fields, container, indent);
        }
        else if (Work.Process(spec) is { } process)
        {
            Process(fields, process, indent);
        }
        else if (spec?.Generic is { } generic)
        {
            fields.Add(indent + "Runtime", generic.Kind);
        }

        Resources(fields, "Reservations", spec?.Resources?.Reservations, indent);
        Resources(fields, "Limits", spec?.Resources?.Limits, indent);
        if (spec?.Placement is { Constraints.Count: > 0 } placement)
        {
            fields.Add(indent + "Constraints", List(placement.Constraints));
        }

        if (spec?.LogDriver is { Name.Length: > 0 } driver)
        {
            fields.Add(indent + "Log Driver", driver.Name);
            fields.Labels(indent + " Options", indent + "  ", driver.Options);
        }
    }

    private static void Container(FieldList fields, ContainerSpec container, string indent)
    {
        string inner = indent + " ";
        fields.Head(indent + "Container");
        fields.Add(inner + "Image", container.Image);
        fields.AddIfSet(inner + "Command", Quoted(container.Command));
        fields.AddIfSet(inner + "Args", List(container.Args));
        fields.AddIfSet(inner + "Env", List(container.Env));
        fields.AddIfSet(inner + "Hostname", container.Hostname);
        fields.AddIfSet(inner + "Mounts", List(container.Mounts.Select(static m => $"{Wire.Name(m.Type)} {m.Source}:{m.Target}")));
        fields.AddIfSet(inner + "Secrets", List(container.Secrets.Select(static s => $"{s.SecretName}:{s.File?.Name}")));
        fields.AddIfSet(inner + "Configs", List(container.Configs.Select(static c => $"{c.ConfigName}:{c.File?.Name}")));
        fields.AddIfSet(inner + "CapAdd", List(container.CapabilityAdd));
        fields.AddIfSet(inner + "CapDrop", List(container.CapabilityDrop));
    }

    private static void Process(FieldList fields, ProcessSpec process, string indent)
    {
        string inner = indent + " ";
        fields.Head(indent + "Process");
        fields.Add(inner + "Command", Quoted([process.Command]));
        fields.AddIfSet(inner + "Args", List(process.Args));
        fields.AddIfSet(inner + "Env", List(process.Env));
        fields.AddIfSet(inner + "Dir", process.Dir);
        fields.AddIfSet(inner + "User", process.User);
        fields.AddIfSet(inner + "Stop Signal", process.StopSignal);
        fields.AddIfSet(
            inner + "Stop Grace", process.StopGracePeriod is { } grace ? GoDuration.Format(grace.OrDefault(TimeSpan.Zero)) : "");
    }

    private static void Resources(FieldList fields, string name, Resources? resources, string indent)
    {
        if (resources is null || (resources.NanoCpus == 0 && resources.MemoryBytes == 0 && resources.Generic.Count == 0))
        {
            return;
        }

        fields.Head(indent + name);
        fields.AddIfSet(indent + " CPU", resources.NanoCpus == 0 ? "" : Human.Cpus(resources.NanoCpus));
        fields.AddIfSet(indent + " Memory", resources.MemoryBytes == 0 ? "" : Human.Bytes(resources.MemoryBytes));
        fields.AddIfSet(indent + " Generic", List(resources.Generic.Select(static g =>
            $"{g.DiscreteResourceSpec?.Kind}={(g.DiscreteResourceSpec?.Value ?? 0).ToString(CultureInfo.InvariantCulture)}")));
    }

    private static string List(IEnumerable<string> values)
    {
        string text = string.Join(' ', values);
        return text.Length == 0 ? "" : "[" + text + "]";
    }

    private static string Quoted(IEnumerable<string> values)
    {
        string text = string.Join(' ', values)
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal);
        return text.Length == 0 ? "" : $"\"{text}\"";
    }
}
