// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Google.Protobuf.Collections;
using Swarm.Api;

namespace Swarm.Scheduler;

/// <summary>Reads the labels of a node by the keys that constraints and preferences use.</summary>
internal static class NodeAttributes
{
    private const string NodeLabels = "node.labels.";
    private const string EngineLabels = "engine.labels.";

    /// <summary>Whether a key names a label at all.</summary>
    public static bool IsLabelKey(string key) => Has(key, NodeLabels) || Has(key, EngineLabels);

    /// <summary>The label that a key names; empty where the node does not have it. False if the key names no label.</summary>
    public static bool TryGetLabel(Node node, string key, [NotNullWhen(true)] out string? value)
    {
        if (Has(key, NodeLabels))
        {
            value = Label(node.Spec?.Annotations?.Labels, key[NodeLabels.Length..]);
            return true;
        }

        if (Has(key, EngineLabels))
        {
            value = Label(node.Description?.Engine?.Labels, key[EngineLabels.Length..]);
            return true;
        }

        value = null;
        return false;
    }

    private static bool Has(string key, string prefix) =>
        key.Length > prefix.Length && key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);

    private static string Label(MapField<string, string>? labels, string name) =>
        labels is not null && labels.TryGetValue(name, out string? value) ? value : "";
}
