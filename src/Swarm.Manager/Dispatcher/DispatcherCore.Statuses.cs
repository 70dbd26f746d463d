// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Update = Swarm.Api.UpdateTaskStatusRequest.Types.TaskStatusUpdate;

namespace Swarm.Manager;

/// <content>What nodes report about their tasks.</content>
internal sealed partial class DispatcherCore
{
    private const int StatusBytesMax = 64 * 1024;

    private readonly Queue<DispatcherCommand.StatusWrite> _statuses = new();
    private readonly Dictionary<long, IReadOnlyList<DispatcherCommand.StatusWrite>> _statusesPosted = [];
    private readonly SortedDictionary<long, (int Left, SwarmException? Error)> _statusRequests = [];
    private DateTimeOffset _oldestStatus;

    /// <summary>A node reports statuses. The answer comes out when all are written.</summary>
    /// <param name="request">The number of the call.</param>
    /// <param name="nodeId">Who calls, by its certificate.</param>
    /// <param name="sessionId">Its session.</param>
    /// <param name="updates">What it reports.</param>
    /// <param name="now">The time.</param>
    public void OnStatuses(long request, string nodeId, string sessionId, IReadOnlyList<Update> updates, DateTimeOffset now)
    {
        List<DispatcherCommand.StatusWrite> writes;
        try
        {
            CheckSession(nodeId, sessionId);
            writes = CheckStatuses(request, nodeId, updates);
        }
        catch (SwarmException e)
        {
            _outputs.Add(new DispatcherOutput.AnswerStatus(request, e));
            return;
        }

        if (writes.Count == 0)
        {
            _outputs.Add(new DispatcherOutput.AnswerStatus(request, null));
            return;
        }

        if (_statuses.Count == 0)
        {
            _oldestStatus = now;
        }

        _statusRequests.Add(request, (writes.Count, null));
        foreach (DispatcherCommand.StatusWrite write in writes)
        {
            _statuses.Enqueue(write);
        }

        PostStatuses(now);
    }

    private List<DispatcherCommand.StatusWrite> CheckStatuses(long request, string nodeId, IReadOnlyList<Update> updates)
    {
        var writes = new List<DispatcherCommand.StatusWrite>(updates.Count);
        foreach (Update update in updates)
        {
            // A task that is gone is no error: the node will be told to forget it.
            if (update.Status is null || _view!.Get<Api.Task>(update.TaskId) is not { } task)
            {
                continue;
            }

            if (task.NodeId != nodeId)
            {
                throw new SwarmException(SwarmErrorCode.PermissionDenied, "cannot update a task not assigned this node");
            }

            int size = update.Status.CalculateSize();
            if (size > StatusBytesMax)
            {
                throw new SwarmException(
                    SwarmErrorCode.InvalidArgument,
                    $"the status of task {update.TaskId} takes {size} bytes; at most {StatusBytesMax} are allowed");
            }

            writes.Add(new DispatcherCommand.StatusWrite(nodeId, update.TaskId, update.Status, request, size + task.CalculateSize()));
        }

        if (writes.Count > 0 && _statuses.Count + writes.Count > _options.StatusQueueMax && _statuses.Count > 0)
        {
            throw new SwarmException(SwarmErrorCode.Unavailable, "too many task statuses wait to be written; report again in a moment");
        }

        return writes;
    }

    private void PostStatuses(DateTimeOffset now)
    {
        while (_statuses.Count > 0 && _statusesPosted.Count < _options.WritesInFlightMax)
        {
            DateTimeOffset due = _oldestStatus + _options.StatusBatchDelay;
            if (_statusesPosted.Count > 0 && now < due && _statuses.Count < _options.WriteItemsMax)
            {
                _timers.Set("s:", due);
                return;
            }

            var batch = new List<DispatcherCommand.StatusWrite>();
            int bytes = 0;
            while (_statuses.TryPeek(out DispatcherCommand.StatusWrite? next)
                && (batch.Count == 0 || (batch.Count < _options.WriteItemsMax && bytes + next.Size <= _options.WriteBytesMax)))
            {
                batch.Add(_statuses.Dequeue());
                bytes += next.Size;
            }

            _statusesPosted.Add(Post(new DispatcherCommand.WriteStatuses(_managerNodeId, batch)), batch);
        }

        if (_statuses.Count == 0)
        {
            _timers.Cancel("s:");
        }
    }

    private void OnStatusesEnded(IReadOnlyList<DispatcherCommand.StatusWrite> statuses, SwarmException? error, DateTimeOffset now)
    {
        foreach (DispatcherCommand.StatusWrite status in statuses)
        {
            (int left, SwarmException? first) = _statusRequests[status.Request];
            first ??= error;
            if (left > 1)
            {
                _statusRequests[status.Request] = (left - 1, first);
            }
            else
            {
                _statusRequests.Remove(status.Request);
                _outputs.Add(new DispatcherOutput.AnswerStatus(status.Request, first));
            }
        }

        PostStatuses(now);
    }

    private void FailStatuses(SwarmException error)
    {
        foreach (long request in _statusRequests.Keys)
        {
            _outputs.Add(new DispatcherOutput.AnswerStatus(request, error));
        }

        _statusRequests.Clear();
        _statuses.Clear();
        _statusesPosted.Clear();
    }
}
