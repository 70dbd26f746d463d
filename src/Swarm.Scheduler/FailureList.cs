// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>The failures remembered of one node: by service version, the tasks and when they failed.</summary>
internal sealed class FailureList
{
    private readonly Dictionary<ServiceVersion, List<(string TaskId, DateTimeOffset At)>> _failures = [];

    public bool IsEmpty => _failures.Count == 0;

    /// <summary>Notes a failure once, however often the task is seen.</summary>
    public bool Add(ServiceVersion version, string taskId, DateTimeOffset at)
    {
        if (!_failures.TryGetValue(version, out List<(string TaskId, DateTimeOffset At)>? list))
        {
            _failures.Add(version, list = []);
        }

        if (list.Exists(f => f.TaskId == taskId))
        {
            return false;
        }

        list.Add((taskId, at));
        return true;
    }

    /// <summary>Forgets a failure; true if it was the last of its version.</summary>
    public bool Remove(ServiceVersion version, string taskId)
    {
        if (!_failures.TryGetValue(version, out List<(string TaskId, DateTimeOffset At)>? list))
        {
            return false;
        }

        list.RemoveAll(f => f.TaskId == taskId);
        return list.Count == 0 && _failures.Remove(version);
    }

    public int Count(ServiceVersion version, DateTimeOffset after) =>
        _failures.TryGetValue(version, out List<(string TaskId, DateTimeOffset At)>? list) ? list.Count(f => f.At > after) : 0;
}
