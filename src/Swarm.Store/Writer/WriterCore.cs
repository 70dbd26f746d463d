// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Store.Tables;

namespace Swarm.Store.Writer;

/// <summary>
/// The one writer, as a machine that is stepped: inputs are its methods, what it wants done is in <see cref="Outputs"/>. It
/// holds the two roots: Committed here, Head in the <see cref="Reign"/> of now.
/// </summary>
internal sealed class WriterCore
{
    // In the mode that detects mutation, every object is checked once in so many entries.
    private const long CheckAllEvery = 64;

    private readonly StoreWriterOptions _options;
    private readonly IReadOnlyList<Func<IController>> _controllers;
    private readonly ulong _seed;
    private readonly Queue<WriterCommand> _queue = new();
    private readonly CoreCounters _counters = new();
    private readonly MutationGuard? _guard;
    private readonly ReignContext _context;
    private Reign? _reign;
    private (ulong Reign, ulong LastIndex, bool Drained)? _coming;
    private bool _stopped;
    private bool _drainAsked;

    public WriterCore(StoreWriterOptions options, IReadOnlyList<Func<IController>> controllers, ulong seed, StoreView start)
    {
        _options = options;
        _controllers = controllers;
        _seed = seed;
        _guard = options.DetectMutation ? new() : null;
        _context = new(Outputs, _counters, _guard);
        Committed = start;
        _guard?.CheckAll(start.Root);
    }

    public List<WriterOutput> Outputs { get; } = [];

    public StoreView Committed { get; private set; }

    public ulong? LeadingReign => _reign?.Number;

    public DateTimeOffset? NextTimer => _reign?.NextTimer;

    public WriterCounters Counters => _counters.ToPublic(
        _queue.Count == 0 && _coming is null && (_reign?.IsAtRest ?? true) && Outputs.Count == 0);

    public bool HasWork(DateTimeOffset now) => _reign?.HasWork(_queue.Count > 0, now) ?? false;

    public void Submit(WriterCommand command)
    {
        if (command.IsCancelled)
        {
            return;
        }

        if (_stopped || (_reign is null && _coming is null or { Drained: true }) || _reign is { IsDraining: true })
        {
            Refuse(command, PendingReply.NotLeader());
        }
        else if (_queue.Count >= _options.MaxQueuedCommands)
        {
            Refuse(command, new(
                SwarmErrorCode.ResourceExhausted, $"the writer has {_queue.Count} commands waiting, the most it takes; try again later"));
        }
        else
        {
            _queue.Enqueue(command);
        }
    }

    public void ReignBegan(ulong reign, ulong lastIndex, DateTimeOffset now)
    {
        EndReign();
        if (!_stopped)
        {
            _coming = (reign, lastIndex, false);
            TryBeginReign(now);
        }
    }

    public void ReignEnded(ulong reign)
    {
        if (_reign?.Number == reign || _coming?.Reign == reign)
        {
            EndReign();
        }
    }

    public void EntryCommitted(ulong index, ulong reign, InternalRaftRequest? request, DateTimeOffset now)
    {
        if (index != Committed.Index + 1)
        {
            throw new InvalidOperationException(
                $"The log reported entry {index} after entry {Committed.Index}; entries come one by one, in order.");
        }

        _counters.EntriesCommitted++;
        if (_reign?.Commit(index, reign) is { } own)
        {
            TakeOwn(own);
        }
        else
        {
            if (_reign is { } lost)
            {
                Abandon(lost, $"entry {index} of reign {reign} landed where reign {lost.Number} had written another");
            }

            Apply(index, request);
        }

        if (_guard is not null && _counters.EntriesCommitted % CheckAllEvery == 0)
        {
            _guard.CheckAll(Committed.Root);
        }

        TryBeginReign(now);
    }

    public void SnapshotInstalled(ulong index, StoreSnapshot snapshot)
    {
        if (_reign is { } lost)
        {
            Abandon(lost, $"a snapshot at index {index} replaced the log");
        }

        Committed = StoreView.FromSnapshot(index, snapshot);
        _guard?.CheckAll(Committed.Root);
        Outputs.Add(new WriterOutput.Publish(new(Committed, [], isReset: true)));
    }

    /// <summary>Runs one turn. Call it while <see cref="HasWork"/>.</summary>
    public void RunTurn(DateTimeOffset now)
    {
        if (_reign is not { } reign)
        {
            return;
        }

        try
        {
            reign.RunTurn(_queue, now);
        }
        catch (ControllerFailedException e)
        {
            Abandon(reign, e.Message, e.InnerException);
        }
    }

    public void Wake() => _reign?.Wake();

    /// <summary>Takes no more commands in this reign; <see cref="WriterOutput.Drained"/> follows when nothing is in flight.</summary>
    public void Drain()
    {
        _drainAsked = true;
        _reign?.BeginDrain();
        if (_coming is { } coming)
        {
            _coming = coming with { Drained = true };
        }

        FailQueue();
        CheckDrained();
    }

    /// <summary>Ends for good.</summary>
    public void Stop()
    {
        _stopped = true;
        EndReign();
        _guard?.CheckAll(Committed.Root);
    }

    private void TryBeginReign(DateTimeOffset now)
    {
        if (_coming is not { } coming || Committed.Index < coming.LastIndex)
        {
            return;
        }

        _coming = null;
        var reign = new Reign(coming.Reign, _seed, Committed, _options, _context);
        try
        {
            reign.Begin(_controllers, now);
            _reign = reign;
            Outputs.Add(new WriterOutput.ReignChanged(reign.Number, IsLeading: true));
            if (coming.Drained)
            {
                reign.BeginDrain();
            }
        }
        catch (ControllerFailedException e)
        {
            Alarm(e.Message, e.InnerException);
            Outputs.Add(new WriterOutput.StandDown(reign.Number, e.Message));
            FailQueue();
        }
    }

    private void TakeOwn(LogEntry own)
    {
        foreach (StoreChange change in own.Changes)
        {
            _guard?.Observe(change);
        }

        Committed = new(own.Index, own.After);
        Outputs.Add(new WriterOutput.Publish(new(Committed, own.Changes, isReset: false)));
        Outputs.AddRange(own.Replies.Select(r => r.Released(Committed)));
        CheckDrained();
    }

    private void Apply(ulong index, InternalRaftRequest? request)
    {
        List<StoreChange> changes = [];
        StoreRoot root = Committed.Root;
        if (request is not null)
        {
            root = EntryApplier.Apply(root, request, out changes, out string? error);
            if (error is not null)
            {
                _counters.EntriesWithoutEffect++;
                Alarm($"entry {index} of the log has no effect, as on every member: {error}", null);
            }
        }

        foreach (StoreChange change in changes)
        {
            _guard?.Observe(change);
        }

        Committed = new(index, root);
        Outputs.Add(new WriterOutput.Publish(new(Committed, changes, isReset: false)));
    }

    private void Abandon(Reign reign, string reason, Exception? cause = null)
    {
        Alarm(reason, cause);
        EndReign();
        Outputs.Add(new WriterOutput.StandDown(reign.Number, reason));
    }

    // Head, controllers and timers go with the reign; nothing is undone piece by piece.
    private void EndReign()
    {
        _coming = null;
        if (_reign is { } reign)
        {
            _reign = null;
            reign.End();
            Outputs.Add(new WriterOutput.ReignChanged(reign.Number, IsLeading: false));
        }

        FailQueue();
        CheckDrained();
    }

    private void FailQueue()
    {
        while (_queue.TryDequeue(out WriterCommand? command))
        {
            Refuse(command, PendingReply.NotLeader());
        }
    }

    private void CheckDrained()
    {
        if (_drainAsked && _reign is not { HasEntriesInFlight: true })
        {
            _drainAsked = false;
            Outputs.Add(new WriterOutput.Drained());
        }
    }

    private void Refuse(WriterCommand command, SwarmException error) => Outputs.Add(new WriterOutput.Reply(command, null, error));

    private void Alarm(string message, Exception? cause)
    {
        _counters.Alarms++;
        Outputs.Add(new WriterOutput.Alarm(message, cause));
    }
}
