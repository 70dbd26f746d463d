// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Store.Trees;

namespace Swarm.Store.Tables;

/// <summary>The rules of one table: whether names are unique, and its secondary indexes (the first is always by name).</summary>
internal sealed class TableSchema
{
    public const int ByName = 0;

    // Of tasks. By service also serves service and slot.
    public const int TaskByService = 1;
    public const int TaskByServiceAndNode = 2;
    public const int TaskByNode = 3;
    public const int TaskByDesiredState = 4;
    public const int TaskByNetwork = 5;
    public const int TaskBySecret = 6;
    public const int TaskByConfig = 7;

    // Of nodes.
    public const int NodeByRole = 1;
    public const int NodeByMembership = 2;

    // Of services.
    public const int ServiceByNetwork = 1;
    public const int ServiceBySecret = 2;
    public const int ServiceByConfig = 3;

    // Of resources.
    public const int ResourceByKind = 1;

    private TableSchema(ObjectKind kind, bool uniqueNames, params IndexDefinition[] indexes)
    {
        Kind = kind;
        UniqueNames = uniqueNames;
        Indexes = indexes;
    }

    /// <summary>All ten, at the place of their kind.</summary>
    public static IReadOnlyList<TableSchema> All { get; } = MakeAll();

    public ObjectKind Kind { get; }

    public bool UniqueNames { get; }

    public IReadOnlyList<IndexDefinition> Indexes { get; }

    /// <summary>A name as the index holds it.</summary>
    public static string Fold(string name) => name.ToLowerInvariant();

    private static TableSchema[] MakeAll()
    {
        TableSchema[] schemas =
        [
            Nodes(),
            Services(),
            Tasks(),
            Named(ObjectKind.Network),
            Named(ObjectKind.Cluster),
            Named(ObjectKind.Secret),
            Named(ObjectKind.Config),
            Named(
                ObjectKind.Resource,
                new IndexDefinition<Resource>(
                    static (r, keys) => keys.Add(new(Fold(r.Kind), r.Id)),
                    static (a, b) => a.Kind == b.Kind)),
            Named(ObjectKind.Extension),
            Named(ObjectKind.Volume),
        ];
        return schemas;
    }

    private static TableSchema Named(ObjectKind kind, params IndexDefinition[] more) =>
        new(kind, uniqueNames: true, [NameIndex(), .. more]);

    private static IndexDefinition<IStoreObject> NameIndex() => new(
        static (o, keys) => keys.Add(new(Fold(o.Name), o.Id)),
        static (a, b) => string.Equals(a.Name, b.Name, StringComparison.Ordinal));

    private static TableSchema Nodes() => new(
        ObjectKind.Node,
        uniqueNames: false,
        new IndexDefinition<Node>(
            static (n, keys) => keys.Add(new(Fold(NodeName(n)), n.Id)),
            static (a, b) => NodeName(a) == NodeName(b)),
        new IndexDefinition<Node>(
            static (n, keys) => keys.Add(new("", "", (ulong)n.Role, n.Id)),
            static (a, b) => a.Role == b.Role),
        new IndexDefinition<Node>(
            static (n, keys) => keys.Add(new("", "", (ulong)(n.Spec?.Membership ?? 0), n.Id)),
            static (a, b) => a.Spec?.Membership == b.Spec?.Membership));

    // Operators name a node by its host; the name in the spec counts until the node has said what it is.
    private static string NodeName(Node n) => n.Description is { Hostname.Length: > 0 } d ? d.Hostname : n.Spec?.Annotations?.Name ?? "";

    private static TableSchema Services() => Named(
        ObjectKind.Service,
        new IndexDefinition<Service>(
            static (s, keys) =>
            {
                AddNetworks(s.Spec?.Task?.Networks, s.Id, keys);
#pragma warning disable CS0612 // Old clients still send networks there.
                AddNetworks(s.Spec?.Networks, s.Id, keys);
#pragma warning restore CS0612
            },
            static (a, b) => ReferenceEquals(a.Spec, b.Spec)),
        new IndexDefinition<Service>(
            static (s, keys) => AddReferences(s.Spec?.Task, ResourceType.Secret, s.Id, keys),
            static (a, b) => ReferenceEquals(a.Spec, b.Spec)),
        new IndexDefinition<Service>(
            static (s, keys) => AddReferences(s.Spec?.Task, ResourceType.Config, s.Id, keys),
            static (a, b) => ReferenceEquals(a.Spec, b.Spec)));

    private static TableSchema Tasks() => new(
        ObjectKind.Task,
        uniqueNames: false,
        new IndexDefinition<Api.Task>(
            static (t, keys) => keys.Add(new(Fold(TaskNaming.Name(t)), t.Id)),
            static (a, b) => ReferenceEquals(a.Annotations, b.Annotations) && ReferenceEquals(a.ServiceAnnotations, b.ServiceAnnotations)
                && a.Slot == b.Slot && (a.Slot != 0 || a.NodeId == b.NodeId)),
        new IndexDefinition<Api.Task>(
            static (t, keys) => keys.Add(new(t.ServiceId, "", t.Slot, t.Id)),
            static (a, b) => a.ServiceId == b.ServiceId && a.Slot == b.Slot),
        new IndexDefinition<Api.Task>(
            static (t, keys) => keys.Add(new(t.ServiceId, t.NodeId, 0, t.Id)),
            static (a, b) => a.ServiceId == b.ServiceId && a.NodeId == b.NodeId),
        new IndexDefinition<Api.Task>(
            static (t, keys) => keys.Add(new(t.NodeId, t.Id)),
            static (a, b) => a.NodeId == b.NodeId),
        new IndexDefinition<Api.Task>(
            static (t, keys) => keys.Add(new("", "", (ulong)t.DesiredState, t.Id)),
            static (a, b) => a.DesiredState == b.DesiredState),
        new IndexDefinition<Api.Task>(
            static (t, keys) =>
            {
                AddNetworks(t.Spec?.Networks, t.Id, keys);
                foreach (NetworkAttachment attached in t.Networks)
                {
                    if (attached.Network is { } network)
                    {
                        keys.Add(new(network.Id, t.Id));
                    }
                }
            },
            static (a, b) => ReferenceEquals(a.Spec, b.Spec) && ReferenceEquals(a.Networks, b.Networks)),
        new IndexDefinition<Api.Task>(
            static (t, keys) => AddReferences(t.Spec, ResourceType.Secret, t.Id, keys),
            static (a, b) => ReferenceEquals(a.Spec, b.Spec)),
        new IndexDefinition<Api.Task>(
            static (t, keys) => AddReferences(t.Spec, ResourceType.Config, t.Id, keys),
            static (a, b) => ReferenceEquals(a.Spec, b.Spec)));

    private static void AddNetworks(IEnumerable<NetworkAttachmentConfig>? networks, string id, List<IndexKey> keys)
    {
        foreach (NetworkAttachmentConfig network in networks ?? [])
        {
            keys.Add(new(network.Target, id));
        }
    }

    // A container names its secrets and configs itself; other runtimes name them beside their payload.
    private static void AddReferences(TaskSpec? spec, ResourceType type, string id, List<IndexKey> keys)
    {
        if (spec is null)
        {
            return;
        }

        if (spec.Container is { } container)
        {
            if (type == ResourceType.Secret)
            {
                keys.AddRange(container.Secrets.Select(s => new IndexKey(s.SecretId, id)));
            }
            else
            {
                keys.AddRange(container.Configs.Select(c => new IndexKey(c.ConfigId, id)));
            }
        }

        keys.AddRange(spec.ResourceReferences.Where(r => r.ResourceType == type).Select(r => new IndexKey(r.ResourceId, id)));
    }
}
