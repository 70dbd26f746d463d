// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Orchestration.Replicated;
using Swarm.Orchestration.Updates;

namespace Swarm.Orchestration.Slots;

/// <summary>What an orchestrator remembers of a service. All of it can be built again from the store.</summary>
internal sealed class ServiceEntry(Service service)
{
    private ServiceSpec? _spec;
    private Api.Version? _version;
    private Timestamp? _updateStarted;
    private bool _isBuilt;
    private ulong _firstFree = 1;
    private Queue<SlotKey> _leaving = new();

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
        _firstFree = 1;
        _leaving.Clear();
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
            _firstFree = Math.Min(_firstFree, Math.Max(key.Slot, 1));
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

    /// <summary>The lowest slot that is not taken. Slots below it are not looked at again and again while many are filled.</summary>
    public ulong FirstFreeSlot()
    {
        while (Taken.ContainsKey(SlotKey.Numbered(_firstFree)))
        {
            _firstFree++;
        }

        return _firstFree;
    }

    /// <summary>
    /// The slots that leave so that no more than wanted are taken. They are chosen once: a large service is scaled down over many
    /// turns, and ranking all its slots in each of them would make that quadratic.
    /// </summary>
    /// <param name="wanted">Slots wanted; fewer than are taken.</param>
    public IEnumerable<SlotKey> Leaving(ulong wanted)
    {
        int excess = checked((int)((ulong)Taken.Count - wanted));
        while (_leaving.TryPeek(out SlotKey key) && !Taken.ContainsKey(key))
        {
            _leaving.Dequeue();
        }

        if (_leaving.Count != excess)
        {
            _leaving = new(ScaleDownOrder.Choose(Taken, excess));
        }

        return _leaving;
    }
}
