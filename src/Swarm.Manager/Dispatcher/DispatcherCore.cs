// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Store;

namespace Swarm.Manager;

/// <summary>
/// The dispatcher as a stepped machine: which nodes hold a session, when they are down, what they are told of their tasks, and what they
/// report. It lives through reigns of this manager and knows nothing while it does not lead. Each input is a call; what is to be
/// done comes out of <see cref="TakeOutputs"/>, and <see cref="NextTimer"/> says when to call <see cref="OnTimer"/>. Not thread-safe.
/// </summary>
internal sealed partial class DispatcherCore : IReactorCore
{
    // A stored period may be thousands of years, and times are counted from multiples of it.
    private static readonly TimeSpan PeriodMax = TimeSpan.FromDays(1);

    private const string MustDisconnect = "node must disconnect";
    private const string NotLeading = "This manager does not lead the cluster now; try another manager, or again in a moment.";

    private readonly DispatcherOptions _options;
    private readonly string _managerNodeId;
    private readonly SeededRandom _random;
    private readonly IIdSource _ids;
    private readonly TimerQueue _timers = new();
    private readonly SortedDictionary<string, DispatcherNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<long, DispatcherNode> _sessionStreams = [];
    private readonly Dictionary<long, AssignmentStream> _assignmentStreams = [];
    private List<DispatcherOutput> _outputs = [];
    private IReadOnlyList<WeightedPeer> _managers = [];
    private IStoreReader? _view;
    private Cluster? _cluster;
    private TimeSpan _period = SwarmDefaults.HeartbeatPeriod;
    private long _nextPost;

    /// <summary>Makes a dispatcher that does not lead yet.</summary>
    /// <param name="options">Settings, already checked.</param>
    /// <param name="managerNodeId">The node id of this manager; statuses are stamped with it.</param>
    /// <param name="random">For the jitter of heartbeats.</param>
    /// <param name="ids">For session ids.</param>
    public DispatcherCore(DispatcherOptions options, string managerNodeId, SeededRandom random, IIdSource ids)
    {
        _options = options;
        _managerNodeId = managerNodeId;
        _random = random;
        _ids = ids;
    }

    /// <summary>When <see cref="OnTimer"/> is to be called; null for never.</summary>
    public DateTimeOffset? NextTimer => _timers.Next;

    /// <summary>Whether this manager leads.</summary>
    public bool Leads => _view is not null;

    /// <summary>Takes what is to be done, in order.</summary>
    public IReadOnlyList<DispatcherOutput> TakeOutputs()
    {
        List<DispatcherOutput> taken = _outputs;
        _outputs = [];
        return taken;
    }

    /// <summary>A reign began: every node that is not down becomes unknown and has a long grace to find this manager.</summary>
    public void BeginReign(IStoreReader view, DateTimeOffset now)
    {
        EndReign();
        _view = view;
        NoteCluster(FindCluster(view));
        foreach (Node node in view.All<Node>())
        {
            if (node.Status?.State == NodeStatus.Types.State.Down)
            {
                StartOrphanTimer(node, now);
                continue;
            }

            EntryOf(node.Id);
            QueueNodeWrite(node.Id, NodeStatus.Types.State.Unknown, "node moved to a new leader: waiting for its heartbeat", null, null);
            _timers.Set(HeartbeatTimer(node.Id), now + (_period * _options.NewReignGraceMultiplier));
        }

        PostNodeWrites();
    }

    /// <summary>The reign ended: every stream is closed and everything is forgotten.</summary>
    public void EndReign()
    {
        foreach (DispatcherNode node in _nodes.Values)
        {
            CloseStreams(node, SwarmErrorCode.NotLeader, NotLeading);
            AnswerAnnouncements(node, new SwarmException(SwarmErrorCode.NotLeader, NotLeading));
        }

        FailStatuses(new SwarmException(SwarmErrorCode.NotLeader, NotLeading));
        _nodes.Clear();
        _nodeWrites.Clear();
        _nodeWritesPosted.Clear();
        _timers.Clear();
        _view = null;
        _cluster = null;
    }

    /// <summary>The list of managers that nodes are told changed.</summary>
    public void SetManagers(IReadOnlyList<WeightedPeer> managers)
    {
        _managers = managers;
        StaleAllSessions();
    }

    /// <summary>The state went on by these changes.</summary>
    public void OnChanges(IStoreReader view, IReadOnlyList<StoreChange> changes, DateTimeOffset now)
    {
        if (_view is null)
        {
            return;
        }

        _view = view;
        foreach (StoreChange change in changes)
        {
            switch (change.New ?? change.Old)
            {
                case Api.Task:
                    OnTaskChange((Api.Task?)change.Old, (Api.Task?)change.New);
                    break;
                case Node:
                    OnNodeChange((Node?)change.Old, (Node?)change.New, now);
                    break;
                case Secret secret:
                    MarkDependency(new DependencyKey(ResourceType.Secret, secret.Id));
                    break;
                case Config config:
                    MarkDependency(new DependencyKey(ResourceType.Config, config.Id));
                    break;
                case Cluster:
                    NoteCluster(change.New as Cluster ?? FindCluster(view));
                    break;
            }
        }

        FlushAssignments(now);
        PostNodeWrites();
    }

    /// <summary>Changes were missed; this is the state now.</summary>
    public void OnReset(IStoreReader view, DateTimeOffset now)
    {
        if (_view is null)
        {
            return;
        }

        _view = view;
        NoteCluster(FindCluster(view));
        foreach (DispatcherNode node in _nodes.Values.ToList())
        {
            Node? stored = view.Get<Node>(node.Id);
            if (stored is null)
            {
                ForgetNode(node);
                continue;
            }

            if (node.Assignments is { } stream)
            {
                stream.Set.MarkAll(view);
                _markedNodes.Add(node.Id);
            }

            StaleSession(node);
        }

        foreach (Node node in view.All<Node>())
        {
            NoteDown(node, now);
        }

        FlushAssignments(now);
    }

    /// <summary>Time went on.</summary>
    public void OnTimer(DateTimeOffset now)
    {
        while (_timers.TryTakeDue(now, out string key))
        {
            string subject = key[2..];
            switch (key[0])
            {
                case 'h':
                    OnHeartbeatMissed(subject);
                    break;
                case 'o':
                    OrphanTasksOf(subject, now);
                    break;
                case 'a':
                    if (_nodes.TryGetValue(subject, out DispatcherNode? node) && node.Assignments is { } stream)
                    {
                        Flush(stream, now);
                    }

                    break;
                case 's':
                    PostStatuses(now);
                    break;
                case 'n':
                    PostNodeWrites();
                    break;
            }
        }
    }

    /// <summary>A write ended.</summary>
    /// <param name="post">Its number.</param>
    /// <param name="error">Why it did not happen; null if it did.</param>
    /// <param name="now">The time.</param>
    public void OnPosted(long post, SwarmException? error, DateTimeOffset now)
    {
        if (_nodeWritesPosted.Remove(post, out IReadOnlyList<DispatcherCommand.NodeWrite>? writes))
        {
            OnNodeWritesEnded(writes, error, now);
        }
        else if (_statusesPosted.Remove(post, out IReadOnlyList<DispatcherCommand.StatusWrite>? statuses))
        {
            OnStatusesEnded(statuses, error, now);
        }
    }

    /// <summary>A message was written to a stream, which is free for the next.</summary>
    public void OnDrained(long stream, DateTimeOffset now)
    {
        if (_sessionStreams.TryGetValue(stream, out DispatcherNode? node))
        {
            node.SessionBusy = false;
            if (node.SessionStale)
            {
                SendSession(node);
            }
        }
        else if (_assignmentStreams.TryGetValue(stream, out AssignmentStream? assignments))
        {
            assignments.Busy = false;
            Flush(assignments, now);
        }
    }

    private static Cluster? FindCluster(IStoreReader view) => view.All<Cluster>().FirstOrDefault();

    private static string HeartbeatTimer(string nodeId) => "h:" + nodeId;

    private static string OrphanTimer(string nodeId) => "o:" + nodeId;

    private static string AssignmentTimer(string nodeId) => "a:" + nodeId;

    private void NoteCluster(Cluster? cluster)
    {
        Cluster? before = _cluster;
        _cluster = cluster;
        TimeSpan period = (cluster?.Spec?.Dispatcher?.HeartbeatPeriod).OrDefault(SwarmDefaults.HeartbeatPeriod);
        _period = period <= TimeSpan.Zero ? SwarmDefaults.HeartbeatPeriod : period < PeriodMax ? period : PeriodMax;
        bool told = Equals(before?.NetworkBootstrapKeys, cluster?.NetworkBootstrapKeys)
            && Equals(before?.RootCa?.CaCert, cluster?.RootCa?.CaCert);
        if (!told)
        {
            StaleAllSessions();
        }
    }

    private DispatcherNode EntryOf(string nodeId)
    {
        if (!_nodes.TryGetValue(nodeId, out DispatcherNode? node))
        {
            node = new DispatcherNode(nodeId);
            _nodes.Add(nodeId, node);
        }

        return node;
    }

    private void OnNodeChange(Node? before, Node? after, DateTimeOffset now)
    {
        if (after is null)
        {
            _timers.Cancel(OrphanTimer(before!.Id));
            if (_nodes.TryGetValue(before.Id, out DispatcherNode? gone))
            {
                ForgetNode(gone);
            }

            return;
        }

        NoteDown(after, now);
        if (_nodes.TryGetValue(after.Id, out DispatcherNode? node))
        {
            StaleSession(node);
        }
    }

    private void ForgetNode(DispatcherNode node)
    {
        AnswerAnnouncements(node, new SwarmException(SwarmErrorCode.NotFound, "node not registered"));
        CloseStreams(node, SwarmErrorCode.Aborted, MustDisconnect);
        _timers.Cancel(HeartbeatTimer(node.Id));
        _timers.Cancel(OrphanTimer(node.Id));
        _nodeWrites.Remove(node.Id);
        _nodes.Remove(node.Id);
    }

    private void NoteDown(Node node, DateTimeOffset now)
    {
        if (node.Status?.State != NodeStatus.Types.State.Down)
        {
            _timers.Cancel(OrphanTimer(node.Id));
        }
        else if (!_timers.IsSet(OrphanTimer(node.Id)))
        {
            StartOrphanTimer(node, now);
        }
    }

    // The last write to a node is never before it went down, so a change of leader does not start the wait anew, nor cut it short.
    private void StartOrphanTimer(Node node, DateTimeOffset now)
    {
        DateTimeOffset since = node.Meta?.UpdatedAt.ToTime() ?? now;
        _timers.Set(OrphanTimer(node.Id), (since < now ? since : now) + _options.OrphanDelay);
    }

    private void OrphanTasksOf(string nodeId, DateTimeOffset now)
    {
        var chunk = new List<string>();
        int bytes = 0;
        bool any = false;
        foreach (Api.Task task in _view!.TasksByNode(nodeId))
        {
            if (!DispatcherCommand.OrphanTasks.MayBeOrphaned(task))
            {
                continue;
            }

            any = true;
            int size = task.CalculateSize();
            if (chunk.Count > 0 && (chunk.Count >= _options.WriteItemsMax || bytes + size > _options.WriteBytesMax))
            {
                Post(new DispatcherCommand.OrphanTasks(nodeId, _managerNodeId, chunk));
                chunk = [];
                bytes = 0;
            }

            chunk.Add(task.Id);
            bytes += size;
        }

        if (chunk.Count > 0)
        {
            Post(new DispatcherCommand.OrphanTasks(nodeId, _managerNodeId, chunk));
        }

        if (any)
        {
            // Looks again: a write may be refused, or a task may arrive late.
            _timers.Set(OrphanTimer(nodeId), now + TimeSpan.FromMinutes(1));
        }
    }

    private long Post(DispatcherCommand command)
    {
        long id = ++_nextPost;
        _outputs.Add(new DispatcherOutput.Post(id, command));
        return id;
    }
}
