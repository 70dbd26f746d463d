// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Manager;

/// <summary>Timers of a stepped machine, each under a key; those due come out in the order of (time, key). Not thread-safe.</summary>
internal sealed class TimerQueue
{
    private readonly SortedSet<(DateTimeOffset Due, string Key)> _order = new(new ByDueThenKey());
    private readonly Dictionary<string, DateTimeOffset> _due = new(StringComparer.Ordinal);

    /// <summary>When the next timer is due; null when none is set.</summary>
    public DateTimeOffset? Next => _order.Count == 0 ? null : _order.Min.Due;

    /// <summary>Sets a timer, in place of the one its key had.</summary>
    public void Set(string key, DateTimeOffset due)
    {
        Cancel(key);
        _due[key] = due;
        _order.Add((due, key));
    }

    /// <summary>Sets a timer unless its key has an earlier one.</summary>
    public void SetEarlier(string key, DateTimeOffset due)
    {
        if (!_due.TryGetValue(key, out DateTimeOffset before) || due < before)
        {
            Set(key, due);
        }
    }

    /// <summary>Whether a timer is set.</summary>
    public bool IsSet(string key) => _due.ContainsKey(key);

    /// <summary>Takes a timer away, if it is set.</summary>
    public void Cancel(string key)
    {
        if (_due.Remove(key, out DateTimeOffset due))
        {
            _order.Remove((due, key));
        }
    }

    /// <summary>Takes one timer that is due.</summary>
    public bool TryTakeDue(DateTimeOffset now, out string key)
    {
        if (_order.Count == 0 || _order.Min.Due > now)
        {
            key = "";
            return false;
        }

        key = _order.Min.Key;
        Cancel(key);
        return true;
    }

    /// <summary>Takes all timers away.</summary>
    public void Clear()
    {
        _order.Clear();
        _due.Clear();
    }

    private sealed class ByDueThenKey : IComparer<(DateTimeOffset Due, string Key)>
    {
        public int Compare((DateTimeOffset Due, string Key) x, (DateTimeOffset Due, string Key) y)
        {
            int byDue = x.Due.CompareTo(y.Due);
            return byDue != 0 ? byDue : string.CompareOrdinal(x.Key, y.Key);
        }
    }
}
