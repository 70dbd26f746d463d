// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Orchestration.Updates;

namespace Swarm.Orchestration.Slots;

/// <summary>What an orchestrator remembers of a service. All of it can be built again from the store.</summary>
internal sealed class ServiceEntry(Service service)
{
    private ServiceSpec? _spec;
    private Api.Version? _version;
    private Timestamp? _updateStarted;
    private bool _isBuilt;

    /// <summary>The service, as last read.</summary>
    public Service Service { get; private set; } = service;

    /// <summary>Slots that are taken.</summary>
    public SortedDictionary<SlotKey, SlotInfo> Taken { get; } = [];

    /// <summary>Free slots that still have tasks in their history.</summary>
    public SortedSet<SlotKey> Left { get; } = [];

    /// <summary>Slots to look at.</summary>
    public SortedSet<SlotKey> Touched { get; } = [];

    /// <summary>The update under way.</summary>
    public UpdateProgress Update { get; private set; } = new();

    /// <summary>Takes note of the service as it is now.</summary>
    /// <returns>True if each of its slots must be looked at anew: the spec changed, or an update began.</returns>
    public bool Refresh(Service now)
    {
        Service = now;
        if (_isBuilt && ReferenceEquals(_spec, now.Spec) && Equals(_version, now.SpecVersion)
            && Equals(_updateStarted, now.UpdateStatus?.StartedAt))
        {
            return false;
        }

        (_spec, _version, _updateStarted, _isBuilt) = (now.Spec, now.SpecVersion, now.UpdateStatus?.StartedAt, true);
        Update = new UpdateProgress();
        Taken.Clear();
        Left.Clear();
        return true;
    }

    /// <summary>Notes how a slot stands.</summary>
    public void Set(SlotKey key, SlotInfo info, bool hasTasks)
    {
        if (info.Standing == SlotStanding.Empty)
        {
            Taken.Remove(key);
        }
        else
        {
            Taken[key] = info;
        }

        if (info.Standing == SlotStanding.Empty && hasTasks)
        {
            Left.Add(key);
        }
        else
        {
            Left.Remove(key);
        }
    }
}
