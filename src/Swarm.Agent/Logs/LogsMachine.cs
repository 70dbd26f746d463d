// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Runtime;

namespace Swarm.Agent.Logs;

/// <summary>
/// Serves the log subscriptions that managers make: for each, finds the tasks it means that run here (later ones too, if it follows),
/// takes in their
/// lines up to a bound, and sends them in bounded messages with one under way at a time. What is read ends with a message marked
/// <c>close</c>, also where no task matched, so that the manager knows that this node has nothing more. Stepped: no clock, no I/O.
/// One owner.
/// </summary>
internal sealed class LogsMachine
{
    private readonly string _nodeId;
    private readonly SwarmAgentOptions _options;
    private readonly SortedDictionary<string, Subscription> _subscriptions = new(StringComparer.Ordinal);
    private readonly List<LogsOutput> _outputs = [];

    internal LogsMachine(SwarmAgentOptions options)
    {
        _nodeId = options.NodeId;
        _options = options;
    }

    /// <summary>Subscriptions that are served now.</summary>
    internal int Count => _subscriptions.Count;

    /// <summary>A message came on the stream of subscriptions.</summary>
    /// <param name="message">A new subscription, or the end of one.</param>
    /// <param name="tasks">The tasks here, by id.</param>
    /// <returns>What to do.</returns>
    internal IReadOnlyList<LogsOutput> Subscribed(SubscriptionMessage message, IEnumerable<Api.Task> tasks)
    {
        _outputs.Clear();
        if (message.Close)
        {
            if (_subscriptions.Remove(message.Id))
            {
                _outputs.Add(new LogsOutput.Close(message.Id, AtOnce: true));
            }
        }
        else if (!_subscriptions.ContainsKey(message.Id))
        {
            var subscription = new Subscription(message);
            bool served = _subscriptions.Count < _options.LogSubscriptionsMax;
            _subscriptions[message.Id] = subscription;
            _outputs.Add(new LogsOutput.Open(message.Id));
            foreach (Api.Task task in tasks.Where(task => served && subscription.Means(task)))
            {
                Read(subscription, task.Id);
            }

            subscription.Overloaded = !served;
            Go(subscription);
        }

        return [.. _outputs];
    }

    /// <summary>A task came to this node: subscriptions that follow take it in.</summary>
    /// <param name="task">The task.</param>
    /// <returns>What to do.</returns>
    internal IReadOnlyList<LogsOutput> TaskAdded(Api.Task task)
    {
        _outputs.Clear();
        foreach (Subscription subscription in _subscriptions.Values)
        {
            if (subscription.Follows && !subscription.Overloaded && subscription.Means(task))
            {
                Read(subscription, task.Id);
            }
        }

        return [.. _outputs];
    }

    /// <summary>A task left this node.</summary>
    /// <param name="taskId">The task.</param>
    internal void TaskRemoved(string taskId)
    {
        foreach (Subscription subscription in _subscriptions.Values)
        {
            subscription.Known.Remove(taskId);
        }
    }

    /// <summary>A reader has a line.</summary>
    /// <param name="subscriptionId">The subscription.</param>
    /// <param name="task">The task it is of.</param>
    /// <param name="line">The line.</param>
    /// <param name="isFull">Whether the reader is to wait for <see cref="LogsOutput.Resume"/> before it brings another.</param>
    /// <returns>What to do.</returns>
    internal IReadOnlyList<LogsOutput> Line(string subscriptionId, Api.Task task, in TaskLogLine line, out bool isFull)
    {
        _outputs.Clear();
        isFull = false;
        if (_subscriptions.TryGetValue(subscriptionId, out Subscription? subscription))
        {
            var context = new LogContext { ServiceId = task.ServiceId, NodeId = _nodeId, TaskId = task.Id };
            var at = Timestamp.FromDateTimeOffset(line.Timestamp);
            ReadOnlyMemory<byte> rest = line.Data;
            do
            {
                int length = Math.Min(rest.Length, _options.LogBytesPerMessageMax);
                subscription.Lines.Enqueue(new LogMessage
                {
                    Context = context,
                    Timestamp = at,
                    Stream = line.Stream,
                    Data = ByteString.CopyFrom(rest.Span[..length]),
                });
                rest = rest[length..];
            }
            while (!rest.IsEmpty);
            Go(subscription);
            isFull = subscription.IsFull = subscription.Lines.Count >= _options.LogLinesHeldMax;
        }

        return [.. _outputs];
    }

    /// <summary>A reader came to the end of its task's output, or failed.</summary>
    /// <param name="subscriptionId">The subscription.</param>
    /// <param name="taskId">The task.</param>
    /// <returns>What to do.</returns>
    internal IReadOnlyList<LogsOutput> ReaderEnded(string subscriptionId, string taskId)
    {
        _outputs.Clear();
        if (_subscriptions.TryGetValue(subscriptionId, out Subscription? subscription) && subscription.Reading.Remove(taskId))
        {
            Go(subscription);
        }

        return [.. _outputs];
    }

    /// <summary>The message under way was taken.</summary>
    /// <param name="subscriptionId">The subscription.</param>
    /// <returns>What to do.</returns>
    internal IReadOnlyList<LogsOutput> Sent(string subscriptionId)
    {
        _outputs.Clear();
        if (_subscriptions.TryGetValue(subscriptionId, out Subscription? subscription))
        {
            subscription.IsSending = false;
            if (subscription.HasSaidClose)
            {
                _subscriptions.Remove(subscriptionId);
                _outputs.Add(new LogsOutput.Close(subscriptionId, AtOnce: false));
            }
            else
            {
                Go(subscription);
            }
        }

        return [.. _outputs];
    }

    /// <summary>The stream of a subscription failed: it is given up; the manager makes a new one if it still wants it.</summary>
    /// <param name="subscriptionId">The subscription.</param>
    /// <returns>What to do.</returns>
    internal IReadOnlyList<LogsOutput> Failed(string subscriptionId)
    {
        _outputs.Clear();
        if (_subscriptions.Remove(subscriptionId))
        {
            _outputs.Add(new LogsOutput.Close(subscriptionId, AtOnce: true));
        }

        return [.. _outputs];
    }

    /// <summary>The session is gone, and with it every subscription.</summary>
    /// <returns>What to do.</returns>
    internal IReadOnlyList<LogsOutput> SessionLost()
    {
        _outputs.Clear();
        foreach (string id in _subscriptions.Keys)
        {
            _outputs.Add(new LogsOutput.Close(id, AtOnce: true));
        }

        _subscriptions.Clear();
        return [.. _outputs];
    }

    private void Read(Subscription subscription, string taskId)
    {
        if (subscription.Known.Add(taskId))
        {
            subscription.Reading.Add(taskId);
            _outputs.Add(new LogsOutput.Read(subscription.Id, taskId, subscription.Options));
        }
    }

    private void Go(Subscription subscription)
    {
        if (subscription.IsSending || subscription.HasSaidClose)
        {
            return;
        }

        var message = new PublishLogsMessage { SubscriptionId = subscription.Id };
        int bytes = 0;
        while (subscription.Lines.TryPeek(out LogMessage? line))
        {
            bytes += line.Data.Length + LineOverhead;
            if (message.Messages.Count > 0 && bytes > _options.LogBytesPerMessageMax)
            {
                break;
            }

            message.Messages.Add(subscription.Lines.Dequeue());
        }

        bool over = subscription.Reading.Count == 0 && subscription.Lines.Count == 0 && (!subscription.Follows || subscription.Overloaded);
        if (message.Messages.Count == 0 && !over)
        {
            return;
        }

        if (message.Messages.Count == 0)
        {
            message.Close = subscription.HasSaidClose = true;
        }

        subscription.IsSending = true;
        _outputs.Add(new LogsOutput.Send(subscription.Id, message));
        if (subscription.IsFull)
        {
            subscription.IsFull = false;
            _outputs.Add(new LogsOutput.Resume(subscription.Id));
        }
    }

    // What a line weighs in a message beside its data: ids, time and frames.
    private const int LineOverhead = 128;

    private sealed class Subscription(SubscriptionMessage message)
    {
        internal string Id { get; } = message.Id;

        internal LogSubscriptionOptions Options { get; } = message.Options ?? new LogSubscriptionOptions();

        internal bool Follows => Options.Follow;

        internal Queue<LogMessage> Lines { get; } = new();

        internal SortedSet<string> Known { get; } = new(StringComparer.Ordinal);

        internal SortedSet<string> Reading { get; } = new(StringComparer.Ordinal);

        internal bool IsSending { get; set; }

        internal bool IsFull { get; set; }

        internal bool Overloaded { get; set; }

        internal bool HasSaidClose { get; set; }

        internal bool Means(Api.Task task) =>
            message.Selector is { } selector
            && (selector.TaskIds.Contains(task.Id)
                || selector.ServiceIds.Contains(task.ServiceId)
                || selector.NodeIds.Contains(task.NodeId));
    }
}
