// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Store.Writer;

/// <summary>One controller in one reign: whether it wants to run, its timers, its budget, its random streams.</summary>
internal sealed class ControllerSlot : IControllerTurn, IControllerStart
{
    // Objects left out that are remembered, so that each is told once.
    private const int LeftOutMax = 1000;

    private readonly IController _controller;
    private readonly Reign _reign;
    private readonly TimerSet _timers = new();
    private readonly SeededRandom _seeds;
    private readonly Dictionary<(ObjectKind Kind, string Id), ulong> _leftOut = [];
    private bool _changed = true;
    private bool _more;
    private bool _running;
    private bool _cutOff;
    private int _writes;
    private SwarmException? _refused;

    public ControllerSlot(IController controller, Reign reign, ulong seed)
    {
        _controller = controller;
        _reign = reign;
        _seeds = new(seed, StableHash.Of(controller.Name));
        Random = _seeds;
    }

    public string Name => _controller.Name;

    public IStoreReader Head => _reign.Head;

    public DateTimeOffset Now { get; private set; }

    public IReadOnlyList<string> DueTimers { get; private set; } = [];

    public SeededRandom Random { get; private set; }

    public DateTimeOffset? NextTimer => _timers.Next;

    /// <summary>Changes it made in its last run.</summary>
    public int Writes => _writes;

    public bool Wants(DateTimeOffset now) => _changed || _more || _timers.Next <= now;

    /// <summary>Whether it has anything to do before the next change or timer.</summary>
    public bool IsBusy => _changed || _more;

    public void Wake() => _changed = true;

    public void Begin(DateTimeOffset now)
    {
        Now = now;
        Guarded(() => _controller.Begin(this));
    }

    public void Observe(in StoreChange change)
    {
        _changed = true;
        try
        {
            _controller.Observe(change, _reign.Head);
        }
        catch (Exception e) when (LeaveOut(change.Subject, e))
        {
            // What it knows of this object may be wrong until the object changes; that is no reason to stop work on all others.
        }
    }

    /// <summary>Runs it once.</summary>
    /// <returns>
    /// An operating error, to be told to the operator: one that it let go, which ends this run, or the first one that it raised an alarm for.
    /// </returns>
    public SwarmException? Run(DateTimeOffset now)
    {
        Now = now;
        DueTimers = _timers.TakeDue(now);
        Random = _seeds.Fork();
        _writes = 0;
        _changed = false;
        _cutOff = false;
        _refused = null;
        _running = true;
        try
        {
            bool more = false;
            Guarded(() => more = _controller.Run(this));
            _more = more || _cutOff;
            return _refused;
        }
        catch (SwarmException e)
        {
            _more = false;
            return e;
        }
        finally
        {
            _running = false;
            DueTimers = [];
        }
    }

    public bool TryAtom(Action<IStoreTransaction> atom)
    {
        ArgumentNullException.ThrowIfNull(atom);
        if (!_running)
        {
            throw new InvalidOperationException("A controller writes only while it runs.");
        }

        if (_cutOff || _writes >= _reign.Options.MaxWritesPerController)
        {
            _cutOff = true;
            return false;
        }

        ulong seed = _seeds.NextUInt64();
        if (_reign.TryAtom(atom, () => new SeededRandom(seed), Now, command: null) is not { } changes)
        {
            _cutOff = true;
            return false;
        }

        _writes += changes.Count;
        return true;
    }

    public void Alarm(SwarmException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        _refused ??= error;
    }

    public bool LeaveOut(IStoreObject subject, Exception error)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(error);
        if (error is ControllerFailedException or StoreInvariantException)
        {
            return false;
        }

        ulong version = subject.Meta?.Version?.Index ?? 0;
        if (!_leftOut.TryGetValue((subject.Kind, subject.Id), out ulong told) || told != version)
        {
            if (_leftOut.Count >= LeftOutMax)
            {
                _leftOut.Clear();
            }

            _leftOut[(subject.Kind, subject.Id)] = version;
            _reign.Alarm(
                $"controller {Name} cannot work on {subject.Kind} {subject.Id} and leaves it out until it changes: {error.Message}", error);
        }

        return true;
    }

    public void SetTimer(string key, DateTimeOffset due) => _timers.Set(key, due);

    public void CancelTimer(string key) => _timers.Cancel(key);

    private void Guarded(Action call)
    {
        try
        {
            call();
        }
        catch (Exception e) when (e is not (SwarmException or ControllerFailedException or StoreInvariantException))
        {
            throw new ControllerFailedException(Name, e);
        }
    }
}
