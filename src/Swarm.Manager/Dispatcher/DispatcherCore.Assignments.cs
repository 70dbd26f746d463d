// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Manager;

/// <content>Streams of assignments.</content>
internal sealed partial class DispatcherCore
{
    // Streams whose set got marks since the last flush, so that a change costs nothing for the other nodes.
    private readonly MarkedSet<string> _markedNodes = new();

    /// <summary>A node opens its stream of assignments.</summary>
    /// <param name="stream">The number of the stream.</param>
    /// <param name="nodeId">Who calls, by its certificate.</param>
    /// <param name="sessionId">Its session.</param>
    /// <param name="now">The time.</param>
    public void OpenAssignments(long stream, string nodeId, string sessionId, DateTimeOffset now)
    {
        DispatcherNode node;
        try
        {
            node = CheckSession(nodeId, sessionId);
        }
        catch (SwarmException e)
        {
            Refuse(stream, e.Code, e.Message);
            return;
        }

        CloseAssignments(node, SwarmErrorCode.Aborted, MustDisconnect);
        var assignments = new AssignmentStream(stream, node);
        assignments.Set.MarkAll(_view!);
        node.Assignments = assignments;
        _assignmentStreams.Add(stream, assignments);
        Flush(assignments, now);
    }

    private void CloseAssignments(DispatcherNode node, SwarmErrorCode code, string reason)
    {
        if (node.Assignments is { } open)
        {
            _assignmentStreams.Remove(open.Stream);
            _timers.Cancel(AssignmentTimer(node.Id));
            node.Assignments = null;
            Refuse(open.Stream, code, reason);
        }
    }

    private void OnTaskChange(Api.Task? before, Api.Task? after)
    {
        if (before is not null && after is not null && before.NodeId == after.NodeId
            && before.ObservedState() >= TaskState.Assigned == after.ObservedState() >= TaskState.Assigned
            && before.ObservedState().IsTerminal() == after.ObservedState().IsTerminal()
            && TaskAssignments.SameForNode(before, after))
        {
            return;
        }

        MarkTask(before);
        if (after?.NodeId != before?.NodeId || before is null)
        {
            MarkTask(after);
        }
    }

    private void MarkTask(Api.Task? task)
    {
        if (task is not null && _nodes.TryGetValue(task.NodeId, out DispatcherNode? node) && node.Assignments is { } stream)
        {
            stream.Set.MarkTask(task.Id);
            _markedNodes.Add(node.Id);
        }
    }

    private void MarkDependency(DependencyKey key)
    {
        foreach (DispatcherNode node in _nodes.Values)
        {
            if (node.Assignments is { } stream)
            {
                stream.Set.MarkDependency(key);
                _markedNodes.Add(node.Id);
            }
        }
    }

    private void FlushAssignments(DateTimeOffset now) => _markedNodes.RemoveWhere(nodeId =>
    {
        if (_nodes.TryGetValue(nodeId, out DispatcherNode? node) && node.Assignments is { } stream)
        {
            Flush(stream, now);
        }

        return true;
    });

    // Sends at once after a quiet spell; else when enough has come together or the least time since the last message is over.
    private void Flush(AssignmentStream stream, DateTimeOffset now)
    {
        bool first = stream.Sequence == 0;
        if (stream.Busy || (!first && stream.Set.MarkedCount == 0))
        {
            return;
        }

        DateTimeOffset due = stream.LastSent + _options.AssignmentBatchDelay;
        if (!first && !stream.MoreToSend && stream.Set.MarkedCount < _options.AssignmentBatchChanges && now < due)
        {
            _timers.Set(AssignmentTimer(stream.Node.Id), due);
            return;
        }

        _timers.Cancel(AssignmentTimer(stream.Node.Id));
        List<AssignmentChange> changes = stream.Set.Take(_view!, _options.AssignmentMessageBytes, complete: first);
        stream.MoreToSend = stream.Set.MarkedCount > 0;
        if (!first && changes.Count == 0)
        {
            return;
        }

        var message = new AssignmentsMessage
        {
            Type = first ? AssignmentsMessage.Types.Type.Complete : AssignmentsMessage.Types.Type.Incremental,
            AppliesTo = first ? "" : stream.Sequence.ToString(CultureInfo.InvariantCulture),
            ResultsIn = (++stream.Sequence).ToString(CultureInfo.InvariantCulture),
        };
        message.Changes.AddRange(changes);
        stream.Busy = true;
        stream.LastSent = now;
        _outputs.Add(new DispatcherOutput.SendAssignments(stream.Stream, message));
    }
}
