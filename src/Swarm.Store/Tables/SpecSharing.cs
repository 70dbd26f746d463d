// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Store.Tables;

/// <summary>
/// Tasks of one service and spec version share one spec in memory. A leader's do from the start; those that were read from
/// the log or a snapshot each bring a copy, which is let go here.
/// </summary>
internal static class SpecSharing
{
    /// <summary>The object, with a spec that the state holds already where that is equal.</summary>
    public static IStoreObject Share(StoreRoot root, IStoreObject o)
    {
        if (o is not Api.Task { Spec: { } spec, SpecVersion: { } version } task)
        {
            return o;
        }

        TaskSpec? known = root.Find(ObjectKind.Task, task.Id) is Api.Task old && old.SpecVersion?.Index == version.Index
            ? old.Spec
            : OfService(root, task.ServiceId, version);
        return known is not null && !ReferenceEquals(known, spec) && known.Equals(spec) ? task.WithSpec(known) : o;
    }

    private static TaskSpec? OfService(StoreRoot root, string serviceId, Api.Version version)
    {
        if (root.Find(ObjectKind.Service, serviceId) is not Service service)
        {
            return null;
        }

        return service.SpecVersion?.Index == version.Index
            ? service.Spec?.Task
            : service.PreviousSpecVersion?.Index == version.Index ? service.PreviousSpec?.Task : null;
    }
}
