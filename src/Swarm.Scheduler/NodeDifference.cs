// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.Collections;
using Swarm.Api;

namespace Swarm.Scheduler;

/// <summary>Tells on which sides that placement looks at two versions of a node differ.</summary>
internal static class NodeDifference
{
    public static NodeAspects Between(Node old, Node now)
    {
        if (ReferenceEquals(old, now))
        {
            return NodeAspects.None;
        }

        NodeAspects aspects = NodeAspects.None;
        if (old.Status?.State != now.Status?.State || old.Spec?.Availability != now.Spec?.Availability)
        {
            aspects |= NodeAspects.Readiness;
        }

        NodeDescription? before = old.Description;
        NodeDescription? after = now.Description;
        if (!ReferenceEquals(before, after))
        {
            aspects |= Equals(before?.Resources, after?.Resources) ? NodeAspects.None : NodeAspects.Capacity;
            aspects |= SamePlugins(before?.Engine, after?.Engine) ? NodeAspects.None : NodeAspects.Plugins;
        }

        return SameAttributes(old, now) ? aspects : aspects | NodeAspects.Attributes;
    }

    private static bool SamePlugins(EngineDescription? before, EngineDescription? after) =>
        ReferenceEquals(before, after) || (before is not null && after is not null && before.Plugins.Equals(after.Plugins));

    private static bool SameAttributes(Node old, Node now) =>
        old.Role == now.Role
        && old.Status?.Addr == now.Status?.Addr
        && old.Description?.Hostname == now.Description?.Hostname
        && Equals(old.Description?.Platform, now.Description?.Platform)
        && SameLabels(old.Spec?.Annotations?.Labels, now.Spec?.Annotations?.Labels)
        && SameLabels(old.Description?.Engine?.Labels, now.Description?.Engine?.Labels);

    private static bool SameLabels(MapField<string, string>? before, MapField<string, string>? after) =>
        ReferenceEquals(before, after) || Equals(before, after) || ((before?.Count ?? 0) == 0 && (after?.Count ?? 0) == 0);
}
