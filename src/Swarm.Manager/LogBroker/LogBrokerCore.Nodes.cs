// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Manager;

/// <content>Readers, and the nodes that answer them.</content>
internal sealed partial class LogBrokerCore
{
    // A service may have any number of tasks that wait, and a reader's buffer must not grow with them.
    private const int WaitingTasksNamed = 100;

    /// <summary>Somebody wants to read logs.</summary>
    /// <param name="stream">The number of its stream.</param>
    /// <param name="selector">Which tasks.</param>
    /// <param name="subscriptionOptions">How; may be null.</param>
    /// <param name="now">The time.</param>
    public void Subscribe(long stream, LogSelector? selector, LogSubscriptionOptions? subscriptionOptions, DateTimeOffset now)
    {
        try
        {
            CheckSelector(selector);
        }
        catch (SwarmException e)
        {
            _outputs.Add(new LogBrokerOutput.CloseStream(stream, e));
            return;
        }

        var subscription = new LogSubscription(
            ids.NewId(), stream, selector!, subscriptionOptions ?? new LogSubscriptionOptions(), options.BufferBytes);
        _subscriptions.Add(subscription.Id, subscription);
        _readers.Add(stream, subscription);
        AddNodes(subscription, now);
        if (!subscription.Options.Follow)
        {
            _timers.Set(AnswerTimer(subscription), now + options.NodeAnswerMax);
        }

        Flush(subscription, now);
    }

    /// <summary>A node listens for subscriptions. An older stream of the same node is closed.</summary>
    public void Listen(long stream, string nodeId)
    {
        if (_view is null)
        {
            _outputs.Add(new LogBrokerOutput.CloseStream(stream, NotLeading));
            return;
        }

        if (_listeners.Remove(nodeId, out LogListener? before))
        {
            _listenerStreams.Remove(before.Stream);
            _outputs.Add(new LogBrokerOutput.CloseStream(
                before.Stream, new SwarmException(SwarmErrorCode.Aborted, "this node listens on a newer stream")));
        }

        var listener = new LogListener(stream, nodeId);
        _listeners.Add(nodeId, listener);
        _listenerStreams.Add(stream, listener);
        foreach (LogSubscription subscription in _subscriptions.Values)
        {
            if (subscription.Nodes.TryGetValue(nodeId, out LogNode? node) && node.State != LogNodeState.Done)
            {
                node.State = node.State == LogNodeState.Absent ? LogNodeState.Asked : node.State;
                listener.News.Add(subscription.Id);
            }
        }

        Tell(listener);
    }

    /// <summary>A node sends lines.</summary>
    /// <param name="publisher">The number of its stream.</param>
    /// <param name="nodeId">Who calls, by its certificate.</param>
    /// <param name="message">The lines.</param>
    /// <param name="now">The time.</param>
    /// <returns>False if there is no room: offer the message again when told to.</returns>
    /// <exception cref="SwarmException">The node may not send these lines, or nobody reads them any more.</exception>
    public bool Publish(long publisher, string nodeId, PublishLogsMessage message, DateTimeOffset now)
    {
        if (_view is null)
        {
            throw NotLeading;
        }

        if (!_subscriptions.TryGetValue(message.SubscriptionId, out LogSubscription? subscription)
            || !subscription.Nodes.TryGetValue(nodeId, out LogNode? node))
        {
            throw new SwarmException(SwarmErrorCode.NotFound, $"nobody reads subscription {message.SubscriptionId} (any more)");
        }

        if (message.Messages.Any(line => line.Context?.NodeId != nodeId))
        {
            throw new SwarmException(SwarmErrorCode.PermissionDenied, "a node may publish lines of its own tasks only");
        }

        foreach (LogMessage line in message.Messages)
        {
            if (line.Timestamp.ToTime() is null)
            {
                line.Timestamp = null; // No time at all; whoever reads the line must not trip over it.
            }
        }

        if (message.Messages.Count > 0 && !subscription.Offer(message.Messages))
        {
            subscription.Blocked.Add(publisher);
            if (!_timers.IsSet(BlockedTimer(subscription)))
            {
                _timers.Set(BlockedTimer(subscription), now + options.SlowReaderGrace);
            }

            return false;
        }

        if (message.Messages.LastOrDefault()?.Timestamp is { } last)
        {
            node.LastLine = last;
        }

        if (!_publishers.TryGetValue(publisher, out SortedSet<string>? published))
        {
            _publishers.Add(publisher, published = new SortedSet<string>(StringComparer.Ordinal));
        }

        node.State = message.Close ? LogNodeState.Done : LogNodeState.Publishing;
        if (message.Close)
        {
            published.Remove(subscription.Id);
        }
        else
        {
            published.Add(subscription.Id);
        }

        Flush(subscription, now);
        return true;
    }

    /// <summary>The stream of a publisher ended.</summary>
    public void OnPublisherClosed(long publisher, string nodeId, DateTimeOffset now)
    {
        if (!_publishers.Remove(publisher, out SortedSet<string>? published))
        {
            return;
        }

        foreach (string id in published)
        {
            if (_subscriptions.TryGetValue(id, out LogSubscription? subscription)
                && subscription.Nodes.TryGetValue(nodeId, out LogNode? node)
                && node.State == LogNodeState.Publishing)
            {
                GiveUp(subscription, nodeId, node, "broke off: lines may be missing", now);
                Flush(subscription, now);
            }
        }
    }

    private static bool Means(LogSelector selector, Api.Task task) =>
        selector.ServiceIds.Contains(task.ServiceId) || selector.NodeIds.Contains(task.NodeId) || selector.TaskIds.Contains(task.Id);

    private void CheckSelector(LogSelector? selector)
    {
        if (_view is null)
        {
            throw NotLeading;
        }

        if (selector is null || selector.ServiceIds.Count + selector.NodeIds.Count + selector.TaskIds.Count == 0)
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument, "name at least one service, task or node whose logs to read");
        }

        string? missing = selector.ServiceIds.Where(id => _view.Get<Service>(id) is null).Select(id => "service " + id)
            .Concat(selector.NodeIds.Where(id => _view.Get<Node>(id) is null).Select(id => "node " + id))
            .Concat(selector.TaskIds.Where(id => _view.Get<Api.Task>(id) is null).Select(id => "task " + id))
            .FirstOrDefault();
        if (missing is not null)
        {
            throw new SwarmException(SwarmErrorCode.NotFound, $"{missing} not found");
        }

        if (_subscriptions.Count >= options.SubscriptionsMax)
        {
            throw new SwarmException(
                SwarmErrorCode.ResourceExhausted, $"{_subscriptions.Count} readers of logs are open; end one of them first");
        }
    }

    private void AddNodes(LogSubscription subscription, DateTimeOffset now)
    {
        LogSelector selector = subscription.Selector;
        IEnumerable<Api.Task> tasks = selector.ServiceIds.SelectMany(_view!.TasksByService)
            .Concat(selector.NodeIds.SelectMany(_view.TasksByNode))
            .Concat(selector.TaskIds.Select(_view.Get<Api.Task>).OfType<Api.Task>());
        int waiting = 0;
        foreach (Api.Task task in tasks)
        {
            if (task.NodeId.Length > 0)
            {
                AddNode(subscription, task, now);
            }
            else if (!subscription.Options.Follow && !task.ObservedState().IsTerminal() && ++waiting <= WaitingTasksNamed)
            {
                var context = new LogContext { ServiceId = task.ServiceId, TaskId = task.Id };
                subscription.Note(context, $"task {TaskNaming.Name(task)} has no lines yet: it waits for a node", now);
            }
        }

        if (waiting > WaitingTasksNamed)
        {
            subscription.Note(new LogContext(), $"{waiting - WaitingTasksNamed} more tasks have no lines yet: they wait for nodes", now);
        }
    }

    private void AddNode(LogSubscription subscription, Api.Task task, DateTimeOffset now)
    {
        if (subscription.Nodes.TryGetValue(task.NodeId, out LogNode? known))
        {
            if (subscription.Options.Follow && known.State == LogNodeState.Done)
            {
                AskAgain(subscription, task.NodeId, known);
            }

            return;
        }

        var node = new LogNode();
        subscription.Nodes.Add(task.NodeId, node);
        if (_listeners.ContainsKey(task.NodeId))
        {
            node.State = LogNodeState.Asked;
            Announce(task.NodeId, subscription.Id);
        }
        else
        {
            bool left = _view!.Get<Node>(task.NodeId) is null;
            string what = left ? "has left the cluster: its lines are lost" : "is not connected: its lines are missing";
            GiveUp(subscription, task.NodeId, node, what, now);
        }
    }

    private void OnListenerGone(string nodeId, DateTimeOffset now)
    {
        foreach (LogSubscription subscription in _subscriptions.Values.ToList())
        {
            // One that sends lines has a stream of its own for that, whose end will be seen.
            if (subscription.Nodes.TryGetValue(nodeId, out LogNode? node) && node.State == LogNodeState.Asked)
            {
                GiveUp(subscription, nodeId, node, "disconnected: its lines are missing", now);
                Flush(subscription, now);
            }
        }
    }

    // Says what is missing. One that follows takes the node up again when it is back.
    private void GiveUp(LogSubscription subscription, string nodeId, LogNode node, string what, DateTimeOffset now)
    {
        node.State = subscription.Options.Follow ? LogNodeState.Absent : LogNodeState.Done;
        string name = _view!.Get<Node>(nodeId)?.Description?.Hostname is { Length: > 0 } hostname ? $"{hostname} ({nodeId})" : nodeId;
        subscription.Note(new LogContext { NodeId = nodeId }, $"node {name} {what}", now);
        if (subscription.Options.Follow)
        {
            AskAgain(subscription, nodeId, node);
        }
    }

    private void AskAgain(LogSubscription subscription, string nodeId, LogNode node)
    {
        if (_listeners.TryGetValue(nodeId, out LogListener? listener))
        {
            node.State = LogNodeState.Asked;
            listener.Told.Remove(subscription.Id);
            Announce(nodeId, subscription.Id);
        }
        else
        {
            node.State = LogNodeState.Absent;
        }
    }

    private void Announce(string nodeId, string subscriptionId)
    {
        if (_listeners.TryGetValue(nodeId, out LogListener? listener))
        {
            listener.News.Add(subscriptionId);
            Tell(listener);
        }
    }

    private void Tell(LogListener listener)
    {
        listener.News.RemoveWhere(id =>
        {
            if (listener.Busy)
            {
                return false;
            }

            SubscriptionMessage? message = NewsOf(listener, id);
            if (message is not null)
            {
                listener.Busy = true;
                _outputs.Add(new LogBrokerOutput.SendSubscription(listener.Stream, message));
            }

            return true;
        });
    }

    private SubscriptionMessage? NewsOf(LogListener listener, string id)
    {
        if (!_subscriptions.TryGetValue(id, out LogSubscription? subscription))
        {
            return listener.Told.Remove(id) ? new SubscriptionMessage { Id = id, Close = true } : null;
        }

        if (!listener.Told.Add(id))
        {
            return null;
        }

        LogSubscriptionOptions wanted = subscription.Options;
        if (subscription.Nodes[listener.NodeId].LastLine.ToTime() is { } last && last < DateTimeOffset.MaxValue)
        {
            // It was read before: go on after the last line instead of from the start.
            wanted = wanted.WithSince(Timestamp.FromDateTimeOffset(last.AddTicks(1))).WithTail(0);
        }

        return new SubscriptionMessage { Id = id, Selector = subscription.Selector, Options = wanted };
    }
}
