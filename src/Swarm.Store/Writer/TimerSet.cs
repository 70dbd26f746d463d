// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store.Writer;

/// <summary>The timers of one controller, by due time; those due at once come in the order they were set.</summary>
internal sealed class TimerSet
{
    private readonly SortedDictionary<(DateTimeOffset Due, long Number), string> _byDue = [];
    private readonly Dictionary<string, (DateTimeOffset Due, long Number)> _byKey = new(StringComparer.Ordinal);
    private long _number;

    public DateTimeOffset? Next
    {
        get
        {
            foreach (var first in _byDue)
            {
                return first.Key.Due;
            }

            return null;
        }
    }

    public void Set(string key, DateTimeOffset due)
    {
        ArgumentNullException.ThrowIfNull(key);
        Cancel(key);
        var place = (due, _number++);
        _byKey[key] = place;
        _byDue[place] = key;
    }

    public void Cancel(string key)
    {
        if (_byKey.Remove(key, out var place))
        {
            _byDue.Remove(place);
        }
    }

    /// <summary>Takes the keys that are due.</summary>
    public IReadOnlyList<string> TakeDue(DateTimeOffset now)
    {
        if (Next is not { } next || next > now)
        {
            return [];
        }

        List<string> due = [.. _byDue.TakeWhile(t => t.Key.Due <= now).Select(t => t.Value)];
        due.ForEach(Cancel);
        return due;
    }
}
