// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Swarm.Api;
using Swarm.Core;
using Swarm.Store.Writer;

namespace Swarm.Store;

/// <summary>
/// The one writer of a manager. Commands and controllers work on Head in bounded turns; what they write goes into the log in
/// bounded entries; everybody else reads <see cref="Committed"/> and <see cref="Feed"/>. No answer is given before the last
/// entry it could depend on is committed. All members are thread-safe.
/// </summary>
public sealed class StoreWriter : IAsyncDisposable
{
    private readonly WriterCore _core;
    private readonly IProposer _proposer;
    private readonly Mailbox _mailbox;
    private readonly SteadyClock _clock;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly List<TaskCompletionSource> _drains = [];
    private StoreView _committed;
    private WriterCounters _counters;
    private ulong _reign;
    private DateTimeOffset? _armedFor;
    private bool _turnPosted;
    private bool _stopped;
    private int _started;

    /// <summary>Makes a writer; <see cref="Start"/> sets it going.</summary>
    /// <param name="options">Bounds; copied.</param>
    /// <param name="proposer">The log.</param>
    /// <param name="controllers">Make the controllers of a reign, in the order in which they run.</param>
    /// <param name="mailbox">Where the writer lives; its clock is the writer's.</param>
    /// <param name="seed">Of all random streams; the same seed and inputs give the same outcome.</param>
    /// <param name="logger">Hears of alarms and reigns; none when left out.</param>
    /// <param name="start">The state to begin with, from a snapshot; empty when left out.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public StoreWriter(
        StoreWriterOptions options,
        IProposer proposer,
        IReadOnlyList<Func<IController>> controllers,
        Mailbox mailbox,
        ulong seed,
        ILogger? logger = null,
        StoreView? start = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(proposer);
        ArgumentNullException.ThrowIfNull(controllers);
        ArgumentNullException.ThrowIfNull(mailbox);
        options.Validate();
        _proposer = proposer;
        _mailbox = mailbox;
        _clock = new SteadyClock(mailbox.Time);
        _logger = logger ?? NullLogger.Instance;
        _committed = start ?? StoreView.Empty;
        _core = new(options.Copy(), [.. controllers], seed, _committed);
        _counters = _core.Counters;
        Feed = new(_committed);
        _timer = mailbox.Time.CreateTimer(
            static state => ((StoreWriter)state!).PostPump(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// A reign of this manager began (Head and controllers are there) or ended. Raised in the writer's mailbox; handlers
    /// return at once and do not throw.
    /// </summary>
    public event EventHandler<ReignChangedEventArgs>? ReignChanged;

    /// <summary>The state that the log has reached. One pointer read.</summary>
    public StoreView Committed => Volatile.Read(ref _committed);

    /// <summary>Every step of <see cref="Committed"/>.</summary>
    public ChangeFeed Feed { get; }

    /// <summary>Whether this manager leads and takes commands.</summary>
    public bool IsLeading => Reign != 0;

    /// <summary>The reign of this manager; 0 while it does not lead.</summary>
    public ulong Reign => Volatile.Read(ref _reign);

    /// <summary>What the writer has done, as of its last step.</summary>
    public WriterCounters Counters => Volatile.Read(ref _counters);

    /// <summary>Begins to listen to the log.</summary>
    /// <exception cref="InvalidOperationException">Called twice.</exception>
    public void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new InvalidOperationException("The writer was started already.");
        }

        _proposer.Start(new Listener(this));
    }

    /// <summary>Runs a command on Head.</summary>
    /// <typeparam name="T">What the caller gets.</typeparam>
    /// <param name="name">A short name for logs.</param>
    /// <param name="command">
    /// Decides and writes; pure, may be run twice. It gives a function that makes the answer from the committed state that the
    /// command's log entry leaves. That state may hold later changes of the same entry: an object just made may be gone again.
    /// A <see cref="SwarmException"/> refuses the command: it leaves no trace.
    /// </param>
    /// <param name="cancellationToken">Stops waiting. A command whose turn has come is carried out nevertheless.</param>
    /// <returns>The answer, once the last entry it could depend on is committed.</returns>
    /// <exception cref="SwarmException">
    /// What the command threw; <see cref="SwarmErrorCode.NotLeader"/>: nothing happened;
    /// <see cref="SwarmErrorCode.OutcomeUnknown"/>: leadership ended while the change was under way;
    /// <see cref="SwarmErrorCode.ResourceExhausted"/>: the change is larger than a log entry may be, or too many commands wait.
    /// </exception>
    public Task<T> SubmitAsync<T>(
        string name, Func<IStoreTransaction, Func<IStoreReader, T>> command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return Submit(new WriterCommand<T>(name, command), cancellationToken);
    }

    /// <summary>Runs a command that has no answer on Head; otherwise as the other overload.</summary>
    /// <param name="name">A short name for logs.</param>
    /// <param name="command">Decides and writes; pure, may be run twice. A <see cref="SwarmException"/> refuses the command.</param>
    /// <param name="cancellationToken">Stops waiting. A command whose turn has come is carried out nevertheless.</param>
    /// <returns>Ends once the last entry it could depend on is committed.</returns>
    /// <exception cref="SwarmException">As for the other overload.</exception>
    public Task SubmitAsync(string name, Action<IStoreTransaction> command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return SubmitAsync<bool>(
            name,
            tx =>
            {
                command(tx);
                return static _ => true;
            },
            cancellationToken);
    }

    /// <summary>
    /// Puts an entry into the log that is not the store's own (a change of membership, say), in order with all others: every
    /// append of a leader passes through here, so that versions are log indexes.
    /// </summary>
    /// <param name="name">A short name for logs.</param>
    /// <param name="payload">For the proposer, which must report it as an entry without a request.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Its index, once it is committed.</returns>
    /// <exception cref="SwarmException">As for <c>SubmitAsync</c>.</exception>
    public Task<ulong> AppendAsync(string name, object payload, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(payload);
        return Submit(new WriterCommand<ulong>(name, null, static r => r.Index) { Payload = payload }, cancellationToken);
    }

    /// <summary>Before a hand-over: takes no more commands in this reign, and waits for what is in flight.</summary>
    /// <returns>Ends when nothing is in flight, or the reign ended.</returns>
    public Task DrainAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _mailbox.Post(() =>
        {
            _drains.Add(done);
            _core.Drain();
            Pump();
        });
        return done.Task;
    }

    /// <summary>Lets every controller run in the next turn, though nothing changed.</summary>
    public void Wake() => _mailbox.Post(() =>
    {
        _core.Wake();
        Pump();
    });

    /// <summary>Stops: waiting commands fail, the feed ends. The proposer is its owner's to stop.</summary>
    /// <returns>Ends when all is answered.</returns>
    public ValueTask DisposeAsync() => new(_mailbox.InvokeAsync(() =>
    {
        if (!_stopped)
        {
            _stopped = true;
            _core.Stop();
            Pump();
            _timer.Dispose();
            Feed.Complete();
        }

        return true;
    }));

    private Task<T> Submit<T>(WriterCommand<T> command, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        if (cancellationToken.CanBeCanceled)
        {
            command.Registration = cancellationToken.Register(() => _mailbox.Post(() => command.Cancel(cancellationToken)));
        }

        _mailbox.Post(() =>
        {
            _core.Submit(command);
            Pump();
        });
        return command.Answer;
    }

    private void PostPump() => _mailbox.Post(() =>
    {
        _armedFor = null;
        Pump();
    });

    // Runs after every input. The turn is posted, so that whatever is in the mailbox by now gets into it.
    private void Pump()
    {
        Flush();
        DateTimeOffset now = _clock.Stamp;
        if (!_turnPosted && _core.HasWork(now))
        {
            _turnPosted = true;
            _mailbox.Post(Turn);
        }

        Arm(now);
        Volatile.Write(ref _counters, _core.Counters);
    }

    private void Turn()
    {
        _turnPosted = false;
        DateTimeOffset now = _clock.Stamp;
        if (_core.HasWork(now))
        {
            long started = _mailbox.Time.GetTimestamp();
            _core.RunTurn(now);
            StoreMeter.TurnDuration.Record(_mailbox.Time.GetElapsedTime(started).TotalSeconds);
        }

        Pump();
    }

    private void Arm(DateTimeOffset now)
    {
        DateTimeOffset? next = _turnPosted || _stopped ? null : _core.NextTimer;
        if (next == _armedFor)
        {
            return;
        }

        _armedFor = next;
        if (next is { } due)
        {
            // Whole milliseconds, rounded up, as system timers go; a timer that comes early is set again.
            double wait = Math.Ceiling(Math.Clamp((due - now).TotalMilliseconds, 0, TimeSpan.MillisecondsPerDay));
            _timer.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
        }
        else
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void Flush()
    {
        // Nothing called here gives new outputs: inputs that it leads to come through the mailbox.
        foreach (WriterOutput output in _core.Outputs)
        {
            switch (output)
            {
                case WriterOutput.Propose propose:
                    StoreMeter.EntriesProposed.Add(1);
                    _proposer.Propose(propose.Proposal);
                    break;
                case WriterOutput.Publish publish:
                    Volatile.Write(ref _committed, publish.Item.View);
                    Feed.Publish(publish.Item);
                    StoreMeter.ChangesCommitted.Add(publish.Item.Changes.Count);
                    break;
                case WriterOutput.Reply { Error: { } error } reply:
                    StoreMeter.CommandsFailed.Add(1);
                    reply.Command.Fail(error);
                    break;
                case WriterOutput.Reply reply:
                    StoreMeter.CommandsCompleted.Add(1);
                    reply.Command.Complete(reply.Committed!);
                    break;
                case WriterOutput.ReignChanged changed:
                    Volatile.Write(ref _reign, changed.IsLeading ? changed.Reign : 0);
                    StoreLog.ReignChanged(_logger, changed.Reign, changed.IsLeading ? "began" : "ended");
                    ReignChanged?.Invoke(this, new(changed.Reign, changed.IsLeading));
                    break;
                case WriterOutput.StandDown down:
                    _proposer.StandDown(down.Reign, down.Reason);
                    break;
                case WriterOutput.Alarm alarm:
                    StoreMeter.Alarms.Add(1);
                    StoreLog.Alarm(_logger, alarm.Message, alarm.Cause);
                    break;
                case WriterOutput.Drained:
                    _drains.ForEach(d => d.TrySetResult());
                    _drains.Clear();
                    break;
            }
        }

        _core.Outputs.Clear();
    }

    // Takes what the log reports into the mailbox, in order.
    private sealed class Listener(StoreWriter writer) : ILogListener
    {
        public void ReignBegan(ulong reign, ulong lastIndex) =>
            Post(() => writer._core.ReignBegan(reign, lastIndex, writer._clock.Stamp));

        public void ReignEnded(ulong reign) => Post(() => writer._core.ReignEnded(reign));

        public void EntryCommitted(ulong index, ulong reign, InternalRaftRequest? request) =>
            Post(() => writer._core.EntryCommitted(index, reign, request, writer._clock.Stamp));

        public void SnapshotInstalled(ulong index, StoreSnapshot snapshot) => Post(() => writer._core.SnapshotInstalled(index, snapshot));

        private void Post(Action input) => writer._mailbox.Post(() =>
        {
            if (!writer._stopped)
            {
                input();
                writer.Pump();
            }
        });
    }
}
