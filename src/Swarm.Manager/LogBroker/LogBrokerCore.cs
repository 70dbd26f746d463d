// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Store;

namespace Swarm.Manager;

/// <summary>
/// The log broker as a stepped machine: brings each reader's subscription to the nodes that run its tasks, wherever these move while
/// it follows, and the lines back through a bounded buffer. Readers of nodes that cannot answer are told so and never left to hang.
/// Works only while this manager leads. Not thread-safe.
/// </summary>
internal sealed partial class LogBrokerCore(LogBrokerOptions options, IIdSource ids) : IReactorCore
{
    private readonly TimerQueue _timers = new();
    private readonly SortedDictionary<string, LogSubscription> _subscriptions = new(StringComparer.Ordinal);
    private readonly Dictionary<long, LogSubscription> _readers = [];
    private readonly SortedDictionary<string, LogListener> _listeners = new(StringComparer.Ordinal);
    private readonly Dictionary<long, LogListener> _listenerStreams = [];
    private readonly Dictionary<long, SortedSet<string>> _publishers = [];
    private List<LogBrokerOutput> _outputs = [];
    private IStoreReader? _view;

    /// <summary>When <see cref="OnTimer"/> is to be called; null for never.</summary>
    public DateTimeOffset? NextTimer => _timers.Next;

    /// <summary>Subscriptions now open.</summary>
    public int SubscriptionCount => _subscriptions.Count;

    private static SwarmException NotLeading =>
        new(SwarmErrorCode.NotLeader, "This manager does not lead the cluster now; try another manager, or again in a moment.");

    /// <summary>Takes what is to be done, in order.</summary>
    public IReadOnlyList<LogBrokerOutput> TakeOutputs()
    {
        List<LogBrokerOutput> taken = _outputs;
        _outputs = [];
        return taken;
    }

    /// <summary>This manager leads from now on.</summary>
    public void BeginReign(IStoreReader view, DateTimeOffset now)
    {
        EndReign();
        _view = view;
    }

    /// <summary>This manager leads no longer: every stream is closed.</summary>
    public void EndReign()
    {
        foreach (LogSubscription subscription in _subscriptions.Values)
        {
            _outputs.Add(new LogBrokerOutput.CloseStream(subscription.Stream, NotLeading));
            ResumeAll(subscription);
        }

        foreach (LogListener listener in _listeners.Values)
        {
            _outputs.Add(new LogBrokerOutput.CloseStream(listener.Stream, NotLeading));
        }

        _subscriptions.Clear();
        _readers.Clear();
        _listeners.Clear();
        _listenerStreams.Clear();
        _publishers.Clear();
        _timers.Clear();
        _view = null;
    }

    /// <summary>The state went on by these changes.</summary>
    public void OnChanges(IStoreReader view, IReadOnlyList<StoreChange> changes, DateTimeOffset now)
    {
        if (_view is null)
        {
            return;
        }

        _view = view;
        if (_subscriptions.Count == 0)
        {
            return;
        }

        foreach (StoreChange change in changes)
        {
            if (change.New is Api.Task { NodeId.Length: > 0 } task && (change.Old as Api.Task)?.NodeId != task.NodeId)
            {
                foreach (LogSubscription subscription in _subscriptions.Values)
                {
                    if (subscription.Options.Follow && Means(subscription.Selector, task))
                    {
                        AddNode(subscription, task, now);
                    }
                }
            }
        }

        FlushReaders(now);
    }

    /// <summary>Changes were missed; this is the state now.</summary>
    public void OnReset(IStoreReader view, DateTimeOffset now)
    {
        if (_view is null)
        {
            return;
        }

        _view = view;
        foreach (LogSubscription subscription in _subscriptions.Values)
        {
            if (subscription.Options.Follow)
            {
                AddNodes(subscription, now);
            }
        }

        FlushReaders(now);
    }

    /// <summary>A message was written to a stream, which is free for the next.</summary>
    public void OnDrained(long stream, DateTimeOffset now)
    {
        if (_readers.TryGetValue(stream, out LogSubscription? subscription))
        {
            subscription.Busy = false;
            Flush(subscription, now);
        }
        else if (_listenerStreams.TryGetValue(stream, out LogListener? listener))
        {
            listener.Busy = false;
            Tell(listener);
        }
    }

    /// <summary>A reader's or listener's stream ended, whoever ended it.</summary>
    public void OnStreamClosed(long stream, DateTimeOffset now)
    {
        if (_readers.TryGetValue(stream, out LogSubscription? subscription))
        {
            End(subscription);
        }
        else if (_listenerStreams.Remove(stream, out LogListener? listener))
        {
            _listeners.Remove(listener.NodeId);
            OnListenerGone(listener.NodeId, now);
        }
    }

    /// <summary>Time went on.</summary>
    public void OnTimer(DateTimeOffset now)
    {
        while (_timers.TryTakeDue(now, out string key))
        {
            LogSubscription subscription = _subscriptions[key[2..]];
            if (key[0] == 'b')
            {
                subscription.StartDropping();
                ResumeAll(subscription);
            }
            else
            {
                foreach ((string nodeId, LogNode node) in subscription.Nodes)
                {
                    if (node.State == LogNodeState.Asked)
                    {
                        GiveUp(subscription, nodeId, node, "does not answer: its lines are missing", now);
                    }
                }

                Flush(subscription, now);
            }
        }
    }

    private static string BlockedTimer(LogSubscription subscription) => "b:" + subscription.Id;

    private static string AnswerTimer(LogSubscription subscription) => "w:" + subscription.Id;

    private void ResumeAll(LogSubscription subscription) => subscription.Blocked.RemoveWhere(publisher =>
    {
        _outputs.Add(new LogBrokerOutput.ResumePublisher(publisher));
        return true;
    });

    private void FlushReaders(DateTimeOffset now)
    {
        foreach (LogSubscription subscription in _subscriptions.Values.ToList())
        {
            Flush(subscription, now);
        }
    }

    private void Flush(LogSubscription subscription, DateTimeOffset now)
    {
        if (subscription.Busy)
        {
            return;
        }

        if (subscription.IsEmpty)
        {
            if (subscription.IsComplete)
            {
                _outputs.Add(new LogBrokerOutput.CloseStream(subscription.Stream, null));
                End(subscription);
            }

            return;
        }

        subscription.Busy = true;
        SubscribeLogsMessage message = subscription.Take(options.MessageBytes, now);
        _outputs.Add(new LogBrokerOutput.SendLines(subscription.Stream, message));
        if (subscription.Blocked.Count > 0)
        {
            _timers.Cancel(BlockedTimer(subscription));
            ResumeAll(subscription);
        }
    }

    private void End(LogSubscription subscription)
    {
        _subscriptions.Remove(subscription.Id);
        _readers.Remove(subscription.Stream);
        _timers.Cancel(BlockedTimer(subscription));
        _timers.Cancel(AnswerTimer(subscription));
        ResumeAll(subscription);
        foreach (string nodeId in subscription.Nodes.Keys)
        {
            Announce(nodeId, subscription.Id);
        }
    }
}
