// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.Collections;
using Swarm.Api;

namespace Swarm.Scheduler;

/// <summary>
/// An attribute of a node, by the key that constraints and preferences name it with; taken apart once, read for many nodes.
/// </summary>
internal readonly struct NodeAttribute
{
    private const string NodeLabels = "node.labels.";
    private const string EngineLabels = "engine.labels.";

    private readonly string _label;

    public NodeAttribute(string key)
    {
        _label = "";
        if (Has(key, NodeLabels) || Has(key, EngineLabels))
        {
            Kind = Has(key, NodeLabels) ? Source.NodeLabel : Source.EngineLabel;
            _label = key[(key.IndexOf(".labels.", StringComparison.OrdinalIgnoreCase) + ".labels.".Length)..];
            return;
        }

        Kind = key.ToUpperInvariant() switch
        {
            "NODE.ID" => Source.Id,
            "NODE.HOSTNAME" => Source.Hostname,
            "NODE.IP" => Source.Address,
            "NODE.ROLE" => Source.Role,
            "NODE.PLATFORM.OS" => Source.Os,
            "NODE.PLATFORM.ARCH" => Source.Architecture,
            _ => Source.Unknown,
        };
    }

    /// <summary>Where an attribute is found.</summary>
    public enum Source
    {
        /// <summary>Nowhere: the key is not known.</summary>
        Unknown,

        /// <summary>The id.</summary>
        Id,

        /// <summary>The host name.</summary>
        Hostname,

        /// <summary>The address.</summary>
        Address,

        /// <summary>The role it has.</summary>
        Role,

        /// <summary>The operating system.</summary>
        Os,

        /// <summary>The processor.</summary>
        Architecture,

        /// <summary>A label that an operator gave.</summary>
        NodeLabel,

        /// <summary>A label that the engine reports.</summary>
        EngineLabel,
    }

    /// <summary>Where it is found.</summary>
    public Source Kind { get; }

    public bool IsLabel => Kind is Source.NodeLabel or Source.EngineLabel;

    /// <summary>The value; empty where the node does not have it, null if the key is not known.</summary>
    public string? Of(Node node) => Kind switch
    {
        Source.Id => node.Id,
        Source.Hostname => node.Description?.Hostname ?? "",
        Source.Address => node.Status?.Addr ?? "",
        Source.Role => node.Role == NodeRole.Manager ? "manager" : "worker",
        Source.Os => node.Description?.Platform?.Os ?? "",
        Source.Architecture => node.Description?.Platform?.Architecture ?? "",
        Source.NodeLabel => Label(node.Spec?.Annotations?.Labels),
        Source.EngineLabel => Label(node.Description?.Engine?.Labels),
        _ => null,
    };

    private static bool Has(string key, string prefix) =>
        key.Length > prefix.Length && key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);

    private string Label(MapField<string, string>? labels) =>
        labels is not null && labels.TryGetValue(_label, out string? value) ? value : "";
}
