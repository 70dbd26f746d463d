// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Manager;

/// <content>Sessions, heartbeats and the states of nodes.</content>
internal sealed partial class DispatcherCore
{
    private const int DescriptionBytesMax = 256 * 1024;

    private readonly SortedDictionary<string, DispatcherCommand.NodeWrite> _nodeWrites = new(StringComparer.Ordinal);
    private readonly Dictionary<long, IReadOnlyList<DispatcherCommand.NodeWrite>> _nodeWritesPosted = [];

    /// <summary>A node opens its session stream.</summary>
    /// <param name="stream">The number of the stream.</param>
    /// <param name="nodeId">Who calls, by its certificate.</param>
    /// <param name="sessionId">The session it goes on with; "" for a new one.</param>
    /// <param name="description">What it says of itself; may be null.</param>
    /// <param name="addr">Its address as seen from here.</param>
    /// <param name="now">The time.</param>
    public void OpenSession(long stream, string nodeId, string sessionId, NodeDescription? description, string addr, DateTimeOffset now)
    {
        if (_view is null)
        {
            Refuse(stream, SwarmErrorCode.NotLeader, NotLeading);
            return;
        }

        if (_view.Get<Node>(nodeId) is null)
        {
            Refuse(stream, SwarmErrorCode.NotFound, $"node not registered: {nodeId}");
            return;
        }

        if (description?.CalculateSize() > DescriptionBytesMax)
        {
            Refuse(stream, SwarmErrorCode.InvalidArgument, $"the description of the node is larger than {DescriptionBytesMax} bytes");
            return;
        }

        DispatcherNode node = EntryOf(nodeId);
        if (sessionId.Length == 0 || sessionId != node.SessionId)
        {
            if (!TryRegister(node, now))
            {
                Refuse(stream, SwarmErrorCode.Unavailable, $"node {nodeId} exceeded rate limit count of registrations");
                return;
            }

            CloseStreams(node, SwarmErrorCode.Aborted, MustDisconnect);
            AnswerAnnouncements(node, new SwarmException(SwarmErrorCode.Aborted, "the node opened a new session"));
            node.SessionId = _ids.NewId();
            node.IsLeaving = false;
        }
        else
        {
            CloseSessionStream(node, SwarmErrorCode.Aborted, MustDisconnect);
        }

        node.SessionStream = stream;
        node.SessionBusy = false;
        _sessionStreams.Add(stream, node);
        _timers.Set(HeartbeatTimer(nodeId), now + (_period * _options.HeartbeatGraceMultiplier));
        (NodeStatus.Types.State state, string message) = node.IsLeaving
            ? (NodeStatus.Types.State.Disconnected, NodeDeparture.Message)
            : (NodeStatus.Types.State.Ready, "");
        QueueNodeWrite(nodeId, state, message, addr, description);
        PostNodeWrites();
        SendSession(node);
    }

    /// <summary>A stream ended, whoever ended it.</summary>
    public void OnStreamClosed(long stream)
    {
        if (_assignmentStreams.Remove(stream, out AssignmentStream? assignments))
        {
            assignments.Node.Assignments = null;
            _timers.Cancel(AssignmentTimer(assignments.Node.Id));
        }
        else if (_sessionStreams.Remove(stream, out DispatcherNode? node))
        {
            // The session itself lives until its next heartbeat is overdue: the node may come back to it.
            node.SessionStream = 0;
            (NodeStatus.Types.State state, string message) = node.IsLeaving
                ? (NodeStatus.Types.State.Down, NodeDeparture.Message)
                : (NodeStatus.Types.State.Disconnected, "node is currently trying to find new manager");
            QueueNodeWrite(node.Id, state, message, null, null);
            PostNodeWrites();
        }
    }

    /// <summary>A node says that it lives.</summary>
    /// <returns>The time until the next heartbeat, varied so that nodes do not come all at once.</returns>
    /// <exception cref="SwarmException">The node is not registered, or the session is not its own.</exception>
    public TimeSpan OnHeartbeat(string nodeId, string sessionId, DateTimeOffset now)
    {
        DispatcherNode node = CheckSession(nodeId, sessionId);
        TimeSpan jitter = _period * _options.HeartbeatJitter;
        TimeSpan period = _random.NextTimeSpan(_period - jitter, _period + jitter);
        if (node.SessionStream != 0)
        {
            _timers.Set(HeartbeatTimer(nodeId), now + (period * _options.HeartbeatGraceMultiplier));
        }

        return period;
    }

    /// <summary>
    /// A node says that it leaves: its tasks are to be replaced elsewhere, and none is to come. Holds until it registers a new session.
    /// </summary>
    /// <param name="request">The number of the call; answered once the state says it.</param>
    /// <param name="nodeId">Who calls.</param>
    /// <param name="sessionId">Its session.</param>
    /// <exception cref="SwarmException">The node is not registered, or the session is not its own.</exception>
    public void OnDeparture(long request, string nodeId, string sessionId)
    {
        DispatcherNode node = CheckSession(nodeId, sessionId);
        node.IsLeaving = true;
        node.Announcements.Add(request);
        QueueNodeWrite(nodeId, NodeStatus.Types.State.Disconnected, NodeDeparture.Message, null, null);
        PostNodeWrites();
    }

    /// <summary>Finds a node by its session.</summary>
    /// <exception cref="SwarmException">The node is not registered, or the session is not its own.</exception>
    public DispatcherNode CheckSession(string nodeId, string sessionId)
    {
        if (_view is null)
        {
            throw new SwarmException(SwarmErrorCode.NotLeader, NotLeading);
        }

        if (!_nodes.TryGetValue(nodeId, out DispatcherNode? node) || node.SessionId.Length == 0)
        {
            throw new SwarmException(SwarmErrorCode.NotFound, "node not registered");
        }

        if (node.SessionId != sessionId)
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument, "session invalid");
        }

        return node;
    }

    private bool TryRegister(DispatcherNode node, DateTimeOffset now)
    {
        while (node.Registrations.TryPeek(out DateTimeOffset oldest) && oldest + _options.RegistrationWindow <= now)
        {
            node.Registrations.Dequeue();
        }

        if (node.Registrations.Count >= _options.RegistrationsMax)
        {
            return false;
        }

        node.Registrations.Enqueue(now);
        return true;
    }

    private void OnHeartbeatMissed(string nodeId)
    {
        DispatcherNode node = _nodes[nodeId];
        CloseStreams(node, SwarmErrorCode.Aborted, MustDisconnect);
        node.SessionId = "";
        QueueNodeWrite(nodeId, NodeStatus.Types.State.Down, node.IsLeaving ? NodeDeparture.Message : "heartbeat failure", null, null);
        PostNodeWrites();
    }

    private void Refuse(long stream, SwarmErrorCode code, string reason) =>
        _outputs.Add(new DispatcherOutput.CloseStream(stream, code, reason));

    private void CloseStreams(DispatcherNode node, SwarmErrorCode code, string reason)
    {
        CloseSessionStream(node, code, reason);
        CloseAssignments(node, code, reason);
    }

    private void CloseSessionStream(DispatcherNode node, SwarmErrorCode code, string reason)
    {
        if (node.SessionStream != 0)
        {
            _sessionStreams.Remove(node.SessionStream);
            Refuse(node.SessionStream, code, reason);
            node.SessionStream = 0;
        }
    }

    private void StaleAllSessions()
    {
        foreach (DispatcherNode node in _nodes.Values)
        {
            StaleSession(node);
        }
    }

    private void StaleSession(DispatcherNode node)
    {
        if (node.SessionStream != 0)
        {
            node.SessionStale = true;
            if (!node.SessionBusy)
            {
                SendSession(node);
            }
        }
    }

    private void SendSession(DispatcherNode node)
    {
        node.SessionBusy = true;
        node.SessionStale = false;
        var message = new SessionMessage
        {
            SessionId = node.SessionId,
            Node = _view!.Get<Node>(node.Id),
            RootCA = _cluster?.RootCa?.CaCert ?? ByteString.Empty,
        };
        message.Managers.AddRange(_managers);
        if (_cluster is not null)
        {
            message.NetworkBootstrapKeys.AddRange(_cluster.NetworkBootstrapKeys);
        }

        _outputs.Add(new DispatcherOutput.SendSession(node.SessionStream, message));
    }

    private void QueueNodeWrite(string nodeId, NodeStatus.Types.State state, string message, string? addr, NodeDescription? description)
    {
        if (_nodeWrites.TryGetValue(nodeId, out DispatcherCommand.NodeWrite? waiting))
        {
            addr ??= waiting.Addr;
            description ??= waiting.Description;
        }

        _nodeWrites[nodeId] = new DispatcherCommand.NodeWrite(nodeId, state, message, addr, description);
    }

    // One write at a time: a later state of a node can never be overtaken by an earlier one, and what waits becomes one write.
    private void PostNodeWrites()
    {
        if (_nodeWritesPosted.Count > 0 || _nodeWrites.Count == 0 || _view is null)
        {
            return;
        }

        var batch = new List<DispatcherCommand.NodeWrite>();
        int bytes = 0;
        foreach (DispatcherCommand.NodeWrite write in _nodeWrites.Values)
        {
            int size = (_view.Get<Node>(write.NodeId)?.CalculateSize() ?? 0) + (write.Description?.CalculateSize() ?? 0);
            if (batch.Count > 0 && (batch.Count >= _options.WriteItemsMax || bytes + size > _options.WriteBytesMax))
            {
                break;
            }

            batch.Add(write);
            bytes += size;
        }

        foreach (DispatcherCommand.NodeWrite write in batch)
        {
            _nodeWrites.Remove(write.NodeId);
        }

        _nodeWritesPosted.Add(Post(new DispatcherCommand.WriteNodes(batch)), batch);
    }

    private void OnNodeWritesEnded(IReadOnlyList<DispatcherCommand.NodeWrite> writes, SwarmException? error, DateTimeOffset now)
    {
        if (error is null)
        {
            foreach (DispatcherCommand.NodeWrite write in writes)
            {
                if (write.Message == NodeDeparture.Message && _nodes.TryGetValue(write.NodeId, out DispatcherNode? left))
                {
                    AnswerAnnouncements(left, null);
                }
            }

            PostNodeWrites();
            return;
        }

        foreach (DispatcherCommand.NodeWrite write in writes)
        {
            if (write.Retries >= _options.NodeWriteRetries || !_nodes.ContainsKey(write.NodeId))
            {
                if (_nodes.TryGetValue(write.NodeId, out DispatcherNode? node))
                {
                    AnswerAnnouncements(node, error);
                }

                continue;
            }

            // What came after it stands; only what that does not say is taken over.
            DispatcherCommand.NodeWrite newest = _nodeWrites.GetValueOrDefault(write.NodeId, write);
            _nodeWrites[write.NodeId] = newest with
            {
                Addr = newest.Addr ?? write.Addr,
                Description = newest.Description ?? write.Description,
                Retries = write.Retries + 1,
            };
        }

        _timers.SetEarlier("n:", now + TimeSpan.FromSeconds(1));
    }

    private void AnswerAnnouncements(DispatcherNode node, SwarmException? error)
    {
        foreach (long request in node.Announcements)
        {
            _outputs.Add(new DispatcherOutput.AnswerStatus(request, error));
        }

        node.Announcements.Clear();
    }
}
