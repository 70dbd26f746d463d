// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Store.Tables;

namespace Swarm.Store.Writer;

/// <summary>
/// The changes of one atom in the order of execution. Writes of one object are joined where the outcome of the others cannot
/// depend on it, that is while the object keeps its unique place (name; of a resource also its kind).
/// </summary>
internal sealed class ChangeRecorder
{
    private readonly Dictionary<(ObjectKind Kind, string Id), int> _last = [];
    private List<StoreChange?> _changes = [];

    public int Count => _last.Count;

    public void Add(in StoreChange change)
    {
        var key = (change.Subject.Kind, change.Subject.Id);
        if (_last.TryGetValue(key, out int at) && _changes[at] is { } before && Join(before, change, at, key))
        {
            return;
        }

        _last[key] = _changes.Count;
        _changes.Add(change);
    }

    /// <summary>Gives what was recorded and starts anew.</summary>
    public List<StoreChange> Take()
    {
        var taken = new List<StoreChange>(_changes.Count);
        foreach (StoreChange? change in _changes)
        {
            if (change is { } kept)
            {
                taken.Add(kept);
            }
        }

        _last.Clear();
        _changes = [];
        return taken;
    }

    private bool Join(in StoreChange before, in StoreChange change, int at, (ObjectKind Kind, string Id) key)
    {
        switch (before.Action, change.Action)
        {
            case (ChangeAction.Create or ChangeAction.Update, ChangeAction.Update) when StoreRules.SamePlace(before.New!, change.New!):
                _changes[at] = before with { New = change.New };
                return true;

            // Resources in between may have needed an extension, so that one stays.
            case (ChangeAction.Create, ChangeAction.Remove) when key.Kind != ObjectKind.Extension:
                _changes[at] = null;
                _last.Remove(key);
                return true;

            case (ChangeAction.Update, ChangeAction.Remove)
                when key.Kind != ObjectKind.Extension && StoreRules.SamePlace(before.Old!, before.New!):
                _changes[at] = null;
                _last[key] = _changes.Count;
                _changes.Add(change with { Old = before.Old });
                return true;

            default:
                return false;
        }
    }
}
