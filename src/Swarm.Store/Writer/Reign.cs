// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;
using Swarm.Store.Tables;

namespace Swarm.Store.Writer;

/// <summary>
/// Everything that exists only while this manager leads: Head, the entry being filled, the entries in flight, controllers and
/// timers. The end of the reign throws it away as a whole.
/// </summary>
internal sealed class Reign
{
    private readonly Queue<LogEntry> _inFlight = new();
    private readonly List<ControllerSlot> _controllers = [];
    private readonly List<WriterOutput> _outputs;
    private readonly CoreCounters _counters;
    private readonly MutationGuard? _guard;
    private readonly StoreTransaction _head;
    private readonly ulong _seed;
    private StoreView _committed;
    private LogEntry _entry;
    private LogEntry? _lastInFlight;
    private ulong _commandNumber;
    private bool _inTurn;
    private int _commandsLeft;
    private int _controllerAt;

    public Reign(ulong number, ulong seed, StoreView committed, StoreWriterOptions options, ReignContext context)
    {
        Number = number;
        Options = options;
        _seed = new SeededRandom(seed, number).NextUInt64();
        _committed = committed;
        _outputs = context.Outputs;
        _counters = context.Counters;
        _guard = context.Guard;
        _head = new(committed, context.Guard);
        _entry = new(committed.Index + 1, committed.Root);
    }

    public ulong Number { get; }

    public StoreWriterOptions Options { get; }

    public IStoreReader Head => _head;

    public bool IsDraining { get; private set; }

    public bool HasEntriesInFlight => _inFlight.Count > 0;

    // With no room for entries a turn waits for commits, not for time.
    public DateTimeOffset? NextTimer => IsDraining || IsFull ? null : _controllers.Min(c => c.NextTimer);

    /// <summary>Whether nothing but a command or a timer can make this reign write again.</summary>
    public bool IsAtRest => !_inTurn && _inFlight.Count == 0 && !_controllers.Exists(c => c.IsBusy);

    private bool IsFull => _inFlight.Count >= Options.MaxEntriesInFlight;

    public void Begin(IReadOnlyList<Func<IController>> controllers, DateTimeOffset now)
    {
        foreach (Func<IController> make in controllers)
        {
            var slot = new ControllerSlot(make(), this, _seed);
            _controllers.Add(slot);
            try
            {
                slot.Begin(now);
            }
            catch (SwarmException e)
            {
                throw new ControllerFailedException(slot.Name, e);
            }
        }
    }

    public void Wake() => _controllers.ForEach(c => c.Wake());

    public bool HasWork(bool hasCommands, DateTimeOffset now) =>
        !IsDraining && !IsFull && (_inTurn || hasCommands || _controllers.Exists(c => c.Wants(now)));

    /// <summary>Runs a turn, or the rest of one that had to stop because too many entries were in flight.</summary>
    public void RunTurn(Queue<WriterCommand> commands, DateTimeOffset now)
    {
        if (!_inTurn)
        {
            _inTurn = true;
            _commandsLeft = Options.MaxCommandsPerTurn;
            _controllerAt = 0;
            _counters.Turns++;
        }

        for (; _commandsLeft > 0 && commands.TryPeek(out WriterCommand? command); _commandsLeft--)
        {
            if (!command.IsCancelled && !RunCommand(command, now))
            {
                return;
            }

            commands.Dequeue();
        }

        // Commands that come while the rest of this turn waits are for the next one.
        _commandsLeft = 0;
        while (_controllerAt < _controllers.Count)
        {
            if (IsFull)
            {
                return;
            }

            RunController(_controllers[_controllerAt++], now);
        }

        if (!_entry.HasAtoms || TryCut(null))
        {
            _inTurn = false;
        }
    }

    /// <summary>Runs an atom and takes it into an entry.</summary>
    /// <returns>Its changes; null if it must wait for entries in flight: nothing happened.</returns>
    /// <exception cref="SwarmException">What the atom threw, or that it is too large for any entry; nothing happened.</exception>
    public IReadOnlyList<StoreChange>? TryAtom(
        Action<IStoreTransaction> atom, Func<SeededRandom> random, DateTimeOffset now, WriterCommand? command)
    {
        var timestamp = Timestamp.FromDateTimeOffset(now);
        while (true)
        {
            IReadOnlyList<StoreChange> changes = RunAtom(atom, random, timestamp);
            List<StoreAction> actions = [.. changes.Select(c => EntryActions.ToAction(c))];
            int bytes = actions.Sum(EntryActions.SizeInEntry);
            if (bytes + EntryActions.EntryOverhead > Options.MaxEntryBytes)
            {
                _head.DropAtom();
                throw new SwarmException(
                    SwarmErrorCode.ResourceExhausted,
                    $"the change takes {bytes} bytes, over the limit of {Options.MaxEntryBytes} bytes for one log entry; make it smaller");
            }

            if (bytes + _entry.Bytes <= Options.MaxEntryBytes)
            {
                Keep(changes, actions, bytes, command);
                return changes;
            }

            _head.DropAtom();
            if (!TryCut(null))
            {
                return null;
            }
        }
    }

    /// <summary>The next entry of the log committed.</summary>
    /// <returns>It, if it is this reign's own next one; else null.</returns>
    public LogEntry? Commit(ulong index, ulong reign)
    {
        if (reign != Number || !_inFlight.TryPeek(out LogEntry? entry) || entry.Index != index)
        {
            return null;
        }

        _inFlight.Dequeue();
        if (_inFlight.Count == 0)
        {
            _lastInFlight = null;
        }

        _committed = new(index, entry.After);
        return entry;
    }

    /// <summary>Takes no more work; what is in flight goes on.</summary>
    public void BeginDrain()
    {
        IsDraining = true;
        _outputs.AddRange(_entry.Replies.Select(r => r.Lost(proposed: false)));
        _entry.Replies.Clear();
    }

    /// <summary>Answers everybody who still waits.</summary>
    public void End()
    {
        foreach (LogEntry entry in _inFlight)
        {
            _outputs.AddRange(entry.Replies.Select(r => r.Lost(proposed: true)));
        }

        _outputs.AddRange(_entry.Replies.Select(r => r.Lost(proposed: false)));
    }

    private IReadOnlyList<StoreChange> RunAtom(Action<IStoreTransaction> atom, Func<SeededRandom> random, Timestamp timestamp)
    {
        _head.BeginAtom(timestamp, random());
        try
        {
            atom(_head);
            return _head.EndAtom();
        }
        catch
        {
            _head.DropAtom();
            throw;
        }
    }

    private void Keep(IReadOnlyList<StoreChange> changes, List<StoreAction> actions, int bytes, WriterCommand? command)
    {
        if (changes.Count > 0)
        {
            _entry.Add(changes, actions, bytes);
            _head.KeepAtom(changes);
        }

        if (command is not null)
        {
            Answer(new(command, null, changes.Count > 0));
        }

        foreach (StoreChange change in changes)
        {
            foreach (ControllerSlot controller in _controllers)
            {
                controller.Observe(change);
            }
        }
    }

    // False: it must wait for entries in flight.
    private bool RunCommand(WriterCommand command, DateTimeOffset now)
    {
        if (command.Payload is { } payload)
        {
            return RunForeign(command, payload);
        }

        // The stream goes by the number of accepted commands before: a refused one leaves no trace in what follows.
        SeededRandom Stream() => new(_seed, _commandNumber);
        try
        {
            if (TryAtom(command.Decide, Stream, now, command) is not { } changes)
            {
                return false;
            }

            _commandNumber++;
            _counters.CommandsAccepted++;
            _counters.CommandWrites += changes.Count;
        }
        catch (Exception e) when (e is not (ControllerFailedException or StoreInvariantException))
        {
            if (e is not SwarmException)
            {
                Alarm($"command {command.Name} failed: {e.Message}", e);
            }

            _counters.CommandsRefused++;
            Answer(new(command, e, Wrote: false));
        }

        return true;
    }

    private bool RunForeign(WriterCommand command, object payload)
    {
        if ((_entry.HasAtoms && !TryCut(null)) || IsFull)
        {
            return false;
        }

        _entry.Replies.Add(new(command, null, Wrote: true));
        _counters.CommandsAccepted++;
        return TryCut(payload);
    }

    private void RunController(ControllerSlot controller, DateTimeOffset now)
    {
        if (!controller.Wants(now))
        {
            return;
        }

        SwarmException? error = controller.Run(now);
        _counters.CountWrites(controller.Name, controller.Writes);
        if (error is not null)
        {
            Alarm($"controller {controller.Name} could not write: {error.Message}", error);
        }
    }

    // An answer goes with the last entry that it could depend on: the one being filled if it has anything, else the last in flight.
    private void Answer(PendingReply reply)
    {
        if (_entry.HasAtoms)
        {
            _entry.Replies.Add(reply);
        }
        else if (_lastInFlight is { } last)
        {
            last.Replies.Add(reply);
        }
        else
        {
            _outputs.Add(reply.Released(_committed));
        }
    }

    // Proposes the entry being filled and begins the next. False: too many are in flight.
    private bool TryCut(object? payload)
    {
        if (IsFull)
        {
            return false;
        }

        LogEntry entry = _entry;
        StoreRoot after = _head.BeginEntry(entry.Index + 1);
        StoreProposal proposal = entry.Complete(Number, after, payload);
        if (Options.VerifyEntries && proposal.Request is { } request)
        {
            EntryVerifier.Verify(entry.Before, request, after, Options.MaxEntryBytes);
        }

        _inFlight.Enqueue(entry);
        _lastInFlight = entry;
        _entry = new(entry.Index + 1, after);
        _counters.EntriesProposed++;
        _outputs.Add(new WriterOutput.Propose(proposal));
        return true;
    }

    /// <summary>Tells the operator.</summary>
    public void Alarm(string message, Exception? cause)
    {
        _counters.Alarms++;
        _outputs.Add(new WriterOutput.Alarm(message, cause));
    }
}
