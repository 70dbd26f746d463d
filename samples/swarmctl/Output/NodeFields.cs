// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Swarm.Api;

namespace Swarm.Samples.Swarmctl.Output;

/// <summary>What inspect prints of a node.</summary>
internal static class NodeFields
{
    /// <summary>The fields of a node.</summary>
    /// <param name="node">The node.</param>
    /// <returns>The fields.</returns>
    public static FieldList Of(Node node)
    {
        var fields = new FieldList();
        NodeDescription description = node.Description ?? new NodeDescription();
        fields.Add("ID", node.Id);
        fields.AddIfSet("Name", node.Spec?.Annotations?.Name);
        fields.AddIfSet("Hostname", description.Hostname);
        fields.AddIfSet("Node Labels", Pairs(node.Spec?.Annotations?.Labels));
        fields.Head("Status:");
        fields.Add("  State", Wire.Name(node.Status?.State ?? NodeStatus.Types.State.Unknown));
        fields.AddIfSet("  Message", node.Status?.Message);
        fields.Add("  Availability", Wire.Name(node.Spec?.Availability ?? NodeSpec.Types.Availability.Active));
        fields.AddIfSet("  Address", node.Status?.Addr);
        if (node.ManagerStatus is { } manager)
        {
            fields.Head("Manager status:");
            fields.Add("  Address", manager.Addr);
            fields.Add("  Raft status", Wire.Name(manager.Reachability));
            fields.Add("  Leader", manager.Leader ? "yes" : "no");
        }

        if (description.Platform is { } platform)
        {
            fields.Head("Platform:");
            fields.Add("  Operating System", platform.Os);
            fields.Add("  Architecture", platform.Architecture);
        }

        if (description.Resources is { } resources)
        {
            fields.Head("Resources:");
            fields.Add("  CPUs", Human.Cpus(resources.NanoCpus));
            fields.Add("  Memory", Human.Bytes(resources.MemoryBytes));
            string generic = string.Join(", ", resources.Generic.Select(Generic));
            fields.Head("  Generic Resources:" + (generic.Length == 0 ? "" : " " + generic));
        }

        Engine(fields, description.Engine);
        return fields;
    }

    private static void Engine(FieldList fields, EngineDescription? engine)
    {
        if (engine is null)
        {
            return;
        }

        if (engine.Plugins.Count > 0)
        {
            fields.Head("Plugins:");
            foreach (var group in engine.Plugins.GroupBy(static p => p.Type).OrderBy(static g => g.Key, StringComparer.Ordinal))
            {
                fields.Add("  " + group.Key, "[" + string.Join(' ', group.Select(static p => p.Name).Order(StringComparer.Ordinal)) + "]");
            }
        }

        fields.AddIfSet("Engine Version", engine.EngineVersion);
        fields.Labels("Engine Labels:", "  ", engine.Labels);
    }

    private static string Generic(GenericResource resource) => resource.NamedResourceSpec is { } named
        ? $"{named.Kind}={named.Value}"
        : $"{resource.DiscreteResourceSpec.Kind}={resource.DiscreteResourceSpec.Value.ToString(CultureInfo.InvariantCulture)}";

    private static string Pairs(IEnumerable<KeyValuePair<string, string>>? labels) =>
        string.Join(", ", (labels ?? []).OrderBy(static l => l.Key, StringComparer.Ordinal).Select(static l => $"{l.Key}={l.Value}"));
}
