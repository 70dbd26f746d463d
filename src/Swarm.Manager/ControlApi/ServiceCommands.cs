// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Manager.ControlApi.Validation;
using Swarm.Store;
using Version = Swarm.Api.Version;

namespace Swarm.Manager.ControlApi;

/// <summary>What happens to a service on request, within one atom: the rules that need the store, and the new rows.</summary>
internal static class ServiceCommands
{
    /// <summary>Creates a service from a valid spec.</summary>
    /// <param name="tx">The atom.</param>
    /// <param name="spec">The spec.</param>
    /// <returns>The new id.</returns>
    public static string Create(IStoreTransaction tx, ServiceSpec spec)
    {
        ControlRules.NameFree.Require(
            tx.GetByName<Service>(spec.Annotations.Name) is null, "service", spec.Annotations.Name);
        ServiceReferences.Check(tx, spec, serviceId: "");
        string id = tx.Ids.NewId();
        tx.Create(new Service { Id = id, Spec = spec, SpecVersion = new Version { Index = tx.EntryIndex } });
        return id;
    }

    /// <summary>A service with a new spec; the old one becomes the previous one.</summary>
    /// <param name="tx">The atom.</param>
    /// <param name="stored">The service.</param>
    /// <param name="spec">A valid spec.</param>
    /// <returns>The service to write.</returns>
    public static Service Update(IStoreTransaction tx, Service stored, ServiceSpec spec)
    {
        ControlRules.ServiceRename.Require(
            string.Equals(spec.Annotations.Name, stored.Spec.Annotations.Name, StringComparison.Ordinal));
        ControlRules.ServiceModeFixed.Require(spec.ModeCase == stored.Spec.ModeCase);
#pragma warning disable CS0612 // The field is deprecated on the wire, and this is the rule about it.
        ControlRules.ServiceNetworksMoved.Require(spec.Networks.Equals(stored.Spec.Networks));
#pragma warning restore CS0612
        ServiceReferences.Check(tx, spec, stored.Id);
        Service updated = stored.WithSpec(spec);
        updated.SpecVersion = new Version { Index = tx.EntryIndex };
        updated.PreviousSpec = stored.Spec;
        updated.PreviousSpecVersion = stored.SpecVersion;
        updated.UpdateStatus = null;
        return updated;
    }

    /// <summary>A service with its two specs swapped, and their versions.</summary>
    /// <param name="tx">The atom.</param>
    /// <param name="stored">The service.</param>
    /// <returns>The service to write.</returns>
    public static Service RollBack(IStoreTransaction tx, Service stored)
    {
        ControlRules.ServiceRollback.Require(stored.PreviousSpec is not null, stored.Id);
        ServiceReferences.Check(tx, stored.PreviousSpec!, stored.Id);
        Service updated = stored.WithSpec(stored.PreviousSpec);

        // The version goes with its spec, as when an update is rolled back by itself: tasks that still follow it are up to date.
        updated.SpecVersion = stored.PreviousSpecVersion ?? new Version { Index = tx.EntryIndex };
        updated.PreviousSpec = stored.Spec;
        updated.PreviousSpecVersion = stored.SpecVersion;
        updated.UpdateStatus = new UpdateStatus
        {
            State = UpdateStatus.Types.UpdateState.RollbackStarted,
            Message = "manually requested rollback",
            StartedAt = tx.Now,
        };
        return updated;
    }
}
