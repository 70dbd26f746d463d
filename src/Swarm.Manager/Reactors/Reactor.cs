// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Swarm.Core;
using Swarm.Store;

namespace Swarm.Manager;

/// <summary>
/// Drives a stepped machine: brings it the committed changes, the reigns and the timers, and has its outputs carried out after each
/// step. All of it happens in one mailbox. Every input first takes in what is committed by then, so that a caller who saw a
/// write answered finds it here too.
/// </summary>
internal sealed class Reactor : IAsyncDisposable
{
    private readonly StoreWriter _writer;
    private readonly IReactorCore _core;
    private readonly Action _carryOut;
    private readonly ILogger _logger;
    private readonly DateTimeOffset _start;
    private readonly long _startStamp;
    private readonly ITimer _alarm;
    private readonly CancellationTokenSource _stopping = new();
    private FeedReader? _feed;
    private Task? _loop;
    private DateTimeOffset? _alarmSet;
    private ulong _reign;
    private bool _stepping;
    private bool _stopped;

    /// <summary>Makes a reactor that does not run yet.</summary>
    /// <param name="writer">The store.</param>
    /// <param name="mailbox">Where everything happens.</param>
    /// <param name="core">The machine.</param>
    /// <param name="carryOut">Carries out what the machine put out, until it puts out nothing more.</param>
    /// <param name="logger">Where failures go.</param>
    public Reactor(StoreWriter writer, Mailbox mailbox, IReactorCore core, Action carryOut, ILogger logger)
    {
        _writer = writer;
        Mailbox = mailbox;
        _core = core;
        _carryOut = carryOut;
        _logger = logger;
        _start = mailbox.Time.GetUtcNow();
        _startStamp = mailbox.Time.GetTimestamp();
        _alarm = mailbox.Time.CreateTimer(
            static state => ((Reactor)state!).OnAlarm(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Where everything happens.</summary>
    public Mailbox Mailbox { get; }

    /// <summary>Ends when the reactor stops.</summary>
    public CancellationToken Stopping => _stopping.Token;

    private bool Runs => _feed is not null && !_stopped;

    // A clock that is never set: a leap of the wall clock must not look like missed heartbeats.
    private DateTimeOffset Now => _start + Mailbox.Time.GetElapsedTime(_startStamp);

    /// <summary>Starts to follow the store.</summary>
    public void Start()
    {
        _feed = _writer.Feed.Subscribe();
        _writer.ReignChanged += OnReignChanged;
        _loop = Mailbox.RunAsync(FollowAsync);
        Mailbox.Post(() => NoteReign(_writer.Reign, _writer.IsLeading));
    }

    /// <summary>One step of the machine. Call it in the mailbox.</summary>
    public T Step<T>(Func<DateTimeOffset, T> input)
    {
        if (!Runs)
        {
            throw new SwarmException(
                SwarmErrorCode.Unavailable, "this manager is starting or stopping; try another one, or again in a moment");
        }

        _stepping = true;
        try
        {
            TakeIn();
            return input(Now);
        }
        finally
        {
            _carryOut();
            _stepping = false;
            SetAlarm();
        }
    }

    /// <summary>One step of the machine; nothing happens while the reactor does not run. Call it in the mailbox.</summary>
    public void Step(Action<DateTimeOffset> input)
    {
        // What is carried out may report back at once: that is a part of the step under way, whose outputs are still being carried out.
        if (_stepping)
        {
            input(Now);
        }
        else if (Runs)
        {
            Step(now =>
            {
                input(now);
                return true;
            });
        }
    }

    /// <summary>Submits a write and reports in the mailbox how it ended.</summary>
    public async void Post(string name, Action<IStoreTransaction> write, Action<SwarmException?, DateTimeOffset> ended)
    {
        SwarmException? error = null;
        try
        {
            await _writer.SubmitAsync(name, write, Stopping);
        }
        catch (SwarmException e)
        {
            error = e;
            if (e.Code is not (SwarmErrorCode.NotLeader or SwarmErrorCode.OutcomeUnknown))
            {
                ManagerLog.WriteFailed(_logger, name, e);
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }

        Step(now => ended(error, now));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_feed is null)
        {
            await _alarm.DisposeAsync();
            return;
        }

        _writer.ReignChanged -= OnReignChanged;
        _feed.Dispose();
        await Mailbox.InvokeAsync(() =>
        {
            Step(_ => _core.EndReign());
            _stopping.Cancel();
            return _stopped = true;
        });
        await _loop!;
        await _alarm.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task FollowAsync()
    {
        while (await _feed!.WaitAsync())
        {
            Step(static _ => { });
        }
    }

    private void OnReignChanged(object? sender, ReignChangedEventArgs e) => Mailbox.Post(() => NoteReign(e.Reign, e.IsLeading));

    private void NoteReign(ulong reign, bool leading) => Step(now =>
    {
        if (!leading)
        {
            _reign = 0;
            _core.EndReign();
        }
        else if (_reign != reign)
        {
            _reign = reign;
            _core.BeginReign(_writer.Committed, now);
        }
    });

    private void TakeIn()
    {
        while (_feed!.TryRead(out FeedItem? item))
        {
            if (item.IsReset)
            {
                _core.OnReset(item.View, Now);
            }
            else
            {
                _core.OnChanges(item.View, item.Changes, Now);
            }
        }
    }

    private void OnAlarm() => Mailbox.Post(() =>
    {
        _alarmSet = null;
        Step(_core.OnTimer);
    });

    private void SetAlarm()
    {
        DateTimeOffset? next = _core.NextTimer;
        if (next == _alarmSet)
        {
            return;
        }

        _alarmSet = next;
        TimeSpan wait = next is null ? Timeout.InfiniteTimeSpan : next.Value - Now;
        if (next is not null)
        {
            // One that is not due yet when it rings is simply set again.
            wait = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Clamp(wait.TotalMilliseconds, 0, 86_400_000)));
        }

        _alarm.Change(wait, Timeout.InfiniteTimeSpan);
    }
}
