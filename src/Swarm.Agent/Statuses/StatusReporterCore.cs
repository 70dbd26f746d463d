// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Agent.Statuses;

/// <summary>
/// Decides what to report: the latest status of each task, once per session and again whenever it changes, in batches with
/// one under way at a time; statuses that change meanwhile gather for the next batch. Stepped: no clock, no I/O. One owner.
/// </summary>
internal sealed class StatusReporterCore
{
    // What one batch may weigh; far below the limit of a message, with room for its frame.
    private const int BatchBytesMax = 1024 * 1024;

    private readonly int _batchMax;
    private readonly SortedDictionary<string, TaskStatus> _latest = new(StringComparer.Ordinal);

    // Waiting tasks in the order in which they changed; the number makes the order, the second map finds a task's place.
    private readonly SortedDictionary<long, string> _queue = [];
    private readonly SortedDictionary<string, long> _place = new(StringComparer.Ordinal);
    private List<(string TaskId, TaskStatus Status)>? _underWay;
    private int _singles;
    private long _next;
    private bool _open;

    /// <summary>Makes a reporter.</summary>
    /// <param name="batchMax">Most statuses in a batch.</param>
    internal StatusReporterCore(int batchMax) => _batchMax = batchMax;

    /// <summary>Tasks whose latest status is not yet reported in this session.</summary>
    internal int Waiting => _queue.Count;

    /// <summary>Whether everything observed has been reported and acknowledged in this session.</summary>
    internal bool IsSettled => _open && _queue.Count == 0 && _underWay is null;

    /// <summary>A task was observed in a new status.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="status">The status; not changed afterwards.</param>
    internal void Set(string taskId, TaskStatus status)
    {
        _latest[taskId] = status;
        Enqueue(taskId);
    }

    /// <summary>The manager took the task away: nothing more is reported of it.</summary>
    /// <param name="taskId">The task.</param>
    internal void Remove(string taskId)
    {
        _latest.Remove(taskId);
        Dequeue(taskId);
    }

    /// <summary>A session opened: the manager may be another one, so everything is reported again.</summary>
    internal void SessionOpened()
    {
        _open = true;
        _underWay = null;
        foreach (string taskId in _latest.Keys)
        {
            Enqueue(taskId);
        }
    }

    /// <summary>The session is gone; nothing is sent until the next.</summary>
    internal void SessionLost()
    {
        _open = false;
        _underWay = null;
        _singles = 0;
    }

    /// <summary>Takes the next batch, unless one is under way or there is nothing to say.</summary>
    /// <returns>The statuses, in the order in which they changed; null for nothing now.</returns>
    internal IReadOnlyList<(string TaskId, TaskStatus Status)>? TryTakeBatch()
    {
        if (!_open || _underWay is not null || _queue.Count == 0)
        {
            return null;
        }

        int most = _singles > 0 ? 1 : _batchMax;
        int bytes = 0;
        var batch = new List<(string TaskId, TaskStatus Status)>();
        while (batch.Count < most && _queue.Count > 0)
        {
            string taskId = _queue.First().Value;
            TaskStatus status = _latest[taskId];
            bytes += status.CalculateSize();
            if (batch.Count > 0 && bytes > BatchBytesMax)
            {
                break;
            }

            Dequeue(taskId);
            batch.Add((taskId, status));
        }

        _singles = Math.Max(0, _singles - 1);
        _underWay = batch;
        return batch;
    }

    /// <summary>The batch under way was acknowledged.</summary>
    internal void BatchDone() => _underWay = null;

    /// <summary>The batch under way did not get through; what was in it waits again, unless it changed meanwhile.</summary>
    internal void BatchFailed()
    {
        foreach ((string taskId, TaskStatus status) in _underWay ?? [])
        {
            if (_latest.TryGetValue(taskId, out TaskStatus? latest) && ReferenceEquals(latest, status))
            {
                Enqueue(taskId);
            }
        }

        _underWay = null;
    }

    /// <summary>
    /// The manager refused the batch under way for good. Its statuses are sent one by one, so that one that may not be reported
    /// does not hold up the others; one that is refused alone is given up for this session.
    /// </summary>
    /// <returns>The task given up; null if there was none.</returns>
    internal string? BatchRefused()
    {
        if (_underWay is { Count: 1 } single)
        {
            _underWay = null;
            return single[0].TaskId;
        }

        _singles = Math.Max(_singles, _underWay?.Count ?? 0);
        var refused = _underWay ?? [];
        BatchFailed();
        MoveToFront(refused);
        return null;
    }

    private void MoveToFront(List<(string TaskId, TaskStatus Status)> refused)
    {
        long front = (_queue.Count > 0 ? _queue.First().Key : _next) - refused.Count;
        foreach ((string taskId, _) in refused)
        {
            if (_place.TryGetValue(taskId, out long place))
            {
                _queue.Remove(place);
                _queue[front] = taskId;
                _place[taskId] = front;
                front++;
            }
        }
    }

    private void Enqueue(string taskId)
    {
        if (!_place.ContainsKey(taskId))
        {
            _place[taskId] = _next;
            _queue[_next] = taskId;
            _next++;
        }
    }

    private void Dequeue(string taskId)
    {
        if (_place.Remove(taskId, out long place))
        {
            _queue.Remove(place);
        }
    }
}
