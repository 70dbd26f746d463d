// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Swarm.Agent.Assignments;
using Swarm.Agent.Logs;
using Swarm.Agent.Nodes;
using Swarm.Agent.Sessions;
using Swarm.Agent.Shell;
using Swarm.Agent.Statuses;
using Swarm.Agent.Tasks;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Runtime;

namespace Swarm.Agent;

/// <summary>
/// The worker side of a cluster: keeps a session with a manager, runs the tasks it is assigned through its executors, reports their
/// states, and sends their output to who asks for it. Its tasks outlive the loss of every manager, and a crash of the agent itself
/// where the executor can take running work over again. Everything happens in one mailbox; the public methods are thread-safe.
/// </summary>
/// <remarks>
/// Started once and stopped once. Executors, state store and connector belong to the caller, who disposes them after the agent.
/// The rules (sessions, assignments, states) are those of SwarmKit's agent.
/// </remarks>
public sealed class SwarmAgent : IAsyncDisposable
{
    private readonly Mailbox _mailbox;
    private readonly ITaskStateStore _store;
    private readonly ExecutorSet _executors;
    private readonly StateWriter _writer;
    private readonly TaskSet _tasks;
    private readonly StatusReporter _reporter;
    private readonly LogPublisher _logs;
    private readonly NodeDependencies _dependencies = new();
    private readonly ManagerPicker _managers;
    private readonly IAgentObserver _observer;
    private readonly SessionRunner _session;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private AssignmentFollower? _assignments;
    private Task? _started;
    private Task? _stopped;
    private readonly TimeSpan _drainTimeout;
    private bool _leaving;

    /// <summary>Makes an agent; nothing happens before <see cref="StartAsync"/>.</summary>
    /// <param name="options">Settings; checked here.</param>
    /// <param name="executors">What runs tasks; a task goes to the first that can run it.</param>
    /// <param name="store">Where the agent keeps its tasks.</param>
    /// <param name="connector">How to reach managers.</param>
    /// <param name="managers">The managers known at first; the agent keeps it up to date with what managers tell. Used in the agent's
    /// mailbox only, unless it is safe for more.</param>
    /// <param name="mailboxes">Where the agent's mailbox and clock come from.</param>
    /// <param name="random">The source of waits; owned by the agent from now on.</param>
    /// <param name="observer">Told what managers say about the node; null for nobody.</param>
    /// <param name="logger">Where to log; null for nowhere.</param>
    /// <exception cref="ArgumentException">An option is wrong, or two executors have the same name.</exception>
    public SwarmAgent(
        SwarmAgentOptions options,
        IReadOnlyList<IExecutor> executors,
        ITaskStateStore store,
        IRpcConnector connector,
        ManagerPicker managers,
        IMailboxFactory mailboxes,
        SeededRandom random,
        IAgentObserver? observer = null,
        ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(executors);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(connector);
        ArgumentNullException.ThrowIfNull(managers);
        ArgumentNullException.ThrowIfNull(mailboxes);
        ArgumentNullException.ThrowIfNull(random);
        options.Validate();
        RequireDistinctNames(executors);
        _logger = logger ?? NullLogger.Instance;
        _drainTimeout = options.DrainTimeout;
        _mailbox = mailboxes.Create($"agent-{options.NodeId}");
        _store = store;
        _managers = managers;
        _observer = observer ?? new NoObserver();
        _executors = new ExecutorSet(options, executors, _mailbox, _logger) { Described = _observer.OnExecutorDescribed };
        _writer = new StateWriter(store, _mailbox, options.RetryDelay, _logger);
        _tasks = new TaskSet(options, executors, _dependencies, _writer, _mailbox, _logger);
        _reporter = new StatusReporter(options, _mailbox, _logger);
        _logs = new LogPublisher(new LogsMachine(options), _tasks, _mailbox, _logger);
        var machine = new SessionMachine(options, managers, random);
        _session = new SessionRunner(options, machine, connector, _mailbox, new Events(this), _logger);
        _tasks.StatusSaved += _reporter.Set;
        _tasks.Added += _logs.TaskAdded;
        _tasks.Removed += _reporter.Remove;
        _tasks.Removed += _logs.TaskRemoved;
    }

    /// <summary>
    /// Reads the state store, has the executors end what is left of unknown tasks, takes the known ones up again, and begins to seek a
    /// session. Does not wait for a manager: the node's tasks run without one.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting for the state store.</param>
    /// <returns>Ends when the tasks of the life before are taken up again.</returns>
    /// <exception cref="SwarmException">The state store cannot be read; the agent is not started.</exception>
    /// <exception cref="InvalidOperationException">The agent was started or stopped before.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => _mailbox.RunAsync(() =>
    {
        if (_started is not null || _stopped is not null)
        {
            throw new InvalidOperationException("an agent is started once; make a new one to start again");
        }

        _started = StartInMailboxAsync(cancellationToken);
        return _started;
    });

    /// <summary>
    /// Stops. With <paramref name="drain"/> the manager is told that the node leaves,
    /// so that it replaces the tasks elsewhere at once, and every task is shut down within its grace, at most
    /// <see cref="SwarmAgentOptions.DrainTimeout"/> in all, and the manager is told. Without, what runs is left to itself: executors
    /// that can,
    /// take it over when an agent starts again; work inside this process ends with it. A second call waits for the first.
    /// </summary>
    /// <param name="drain">Whether tasks are ended.</param>
    /// <returns>Ends when the agent does nothing any more.</returns>
    public Task StopAsync(bool drain) => _mailbox.RunAsync(() => _stopped ??= StopInMailboxAsync(drain));

    /// <summary>
    /// Opens the session's streams on a new connection, with the same session; for when the node's certificate was renewed.
    /// </summary>
    public void ReopenSession() => _mailbox.Post(() =>
    {
        if (_started is { IsCompletedSuccessfully: true } && _stopped is null)
        {
            _session.Reopen();
        }
    });

    /// <summary>Adds managers to those that are tried; for when those known are lost and others were found.</summary>
    /// <param name="addresses">Their addresses, host:port.</param>
    public void AddManagers(IReadOnlyList<string> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        _mailbox.Post(() =>
        {
            foreach (string address in addresses)
            {
                _managers.Observe(new ManagerPeer("", address), ManagerPicker.ObservationWeight);
            }
        });
    }

    /// <summary>Gives the node's tasks with what was last observed of each.</summary>
    /// <returns>The tasks, by id; frozen.</returns>
    public Task<IReadOnlyList<StoredTask>> GetTasksAsync() => _mailbox.InvokeAsync(_tasks.Snapshot);

    /// <summary>Stops without draining.</summary>
    /// <returns>Ends when the agent does nothing any more.</returns>
    public async ValueTask DisposeAsync() => await StopAsync(drain: false);

    private async Task StartInMailboxAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredTask> stored = await _store.LoadAsync(cancellationToken);
        await _executors.ReconcileAsync([.. stored.Select(static task => task.Task.Id)]);
        if (_stopped is not null)
        {
            return;
        }

        _writer.Start(_stopping.Token);
        _tasks.Restore(stored);
        var machine = new AssignmentsMachine(stored.Where(static task => task.IsAssigned).Select(static task => task.Task.Id));
        _assignments = new AssignmentFollower(machine, _dependencies, _tasks, _executors, _logger);
        _session.Start();
    }

    private async Task StopInMailboxAsync(bool drain)
    {
        if (drain)
        {
            _leaving = true;
            await _session.AnnounceDepartureAsync(_drainTimeout);
            await _tasks.DrainAsync();
            await _reporter.WhenSettledAsync();
        }

        _session.Stop();
        _reporter.Stop();
        Task left = _tasks.LeaveAsync();
        _stopping.Cancel();
        await left;
    }

    private static void RequireDistinctNames(IReadOnlyList<IExecutor> executors)
    {
        if (executors.GroupBy(static executor => executor.RuntimeName).FirstOrDefault(static group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"two executors have the name '{twice.Key}': a task could not be told which to take");
        }
    }

    private sealed class NoObserver : IAgentObserver;

    private sealed class Events(SwarmAgent agent) : ISessionEvents
    {
        public Task<NodeDescription> DescribeAsync() => agent._executors.DescribeAsync();

        public void OnOpened(SessionConnection connection, string manager)
        {
            agent._reporter.SessionOpened(connection);
            agent._observer.OnSessionOpened(connection.SessionId, manager);
            if (agent._leaving)
            {
                // A new session ends what was announced in the one before.
                _ = agent._session.AnnounceDepartureAsync(agent._drainTimeout);
            }
        }

        public void OnClosed()
        {
            agent._reporter.SessionLost();
            agent._logs.SessionLost();
        }

        public void OnLost(StatusCode status, string reason) => agent._observer.OnSessionLost(CodeOf(status), reason);

        public void OnChanged(SessionOutput output)
        {
            switch (output)
            {
                case SessionOutput.NodeChanged changed:
                    agent._executors.NodeChanged(changed.Node);
                    agent._observer.OnNodeChanged(changed.Node);
                    break;
                case SessionOutput.ManagersChanged changed:
                    agent._managers.Replace(changed.Managers);
                    agent._observer.OnManagersChanged(changed.Managers);
                    break;
                case SessionOutput.RootCaChanged changed:
                    agent._observer.OnRootCaChanged(changed.Pem);
                    break;
                case SessionOutput.KeysChanged changed:
                    agent._executors.KeysChanged(changed.Keys);
                    agent._observer.OnNetworkKeysChanged(changed.Keys);
                    break;
                default:
                    break;
            }
        }

        public Task<bool> FollowAssignmentsAsync(SessionConnection connection) => agent._assignments!.FollowAsync(connection);

        public Task<bool> FollowSubscriptionsAsync(SessionConnection connection) => agent._logs.FollowAsync(connection);

        private static SwarmErrorCode CodeOf(StatusCode status) => status switch
        {
            StatusCode.InvalidArgument => SwarmErrorCode.InvalidArgument,
            StatusCode.NotFound => SwarmErrorCode.NotFound,
            StatusCode.PermissionDenied => SwarmErrorCode.PermissionDenied,
            StatusCode.Unauthenticated => SwarmErrorCode.Unauthenticated,
            StatusCode.ResourceExhausted => SwarmErrorCode.ResourceExhausted,
            StatusCode.FailedPrecondition => SwarmErrorCode.FailedPrecondition,
            StatusCode.Unimplemented => SwarmErrorCode.Unimplemented,
            StatusCode.DeadlineExceeded => SwarmErrorCode.DeadlineExceeded,
            StatusCode.Aborted or StatusCode.OK => SwarmErrorCode.Aborted,
            StatusCode.Internal => SwarmErrorCode.Internal,
            _ => SwarmErrorCode.Unavailable,
        };
    }
}
