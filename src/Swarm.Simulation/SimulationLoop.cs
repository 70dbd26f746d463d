// SPDX-License-Identifier: Apache-2.0
using System.Runtime.ExceptionServices;
using Swarm.Core;

namespace Swarm.Simulation;

/// <summary>
/// Runs a whole distributed system in one thread under simulated time: every mailbox of every simulated host, every
/// timer, in an order that only the seed decides. When nothing is ready to run, time jumps to the next timer.
/// Not thread-safe: all of it, set-up included, belongs to one thread.
/// </summary>
public sealed class SimulationLoop
{
    private readonly List<SimulatedMailbox> _ready = [];
    private readonly PriorityQueue<SimulatedTimer, (DateTimeOffset Due, long Order)> _timers = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly SeededRandom _choice;
    private readonly SeededRandom _forks;
    private ExceptionDispatchInfo? _failure;
    private long _timerOrder;
    private int _hosts;

    /// <summary>Makes an empty world.</summary>
    /// <param name="seed">Decides everything that is left to chance.</param>
    /// <param name="start">The first moment; 2026-01-01T00:00Z when left out.</param>
    public SimulationLoop(ulong seed, DateTimeOffset? start = null)
    {
        Seed = seed;
        Now = start ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var root = new SeededRandom(seed);
        _choice = root.Fork();
        _forks = root.Fork();
        Trace = new SimulationTrace();
    }

    /// <summary>The seed this world was made from.</summary>
    public ulong Seed { get; }

    /// <summary>The true time of the world. Hosts may see it shifted.</summary>
    public DateTimeOffset Now { get; private set; }

    /// <summary>Steps taken so far: mailbox items and timers.</summary>
    public long Steps { get; private set; }

    /// <summary>What happened, as one running hash.</summary>
    public SimulationTrace Trace { get; }

    /// <summary>Adds a host: a set of mailboxes and timers that crash together.</summary>
    /// <param name="name">A name for traces.</param>
    /// <param name="clockOffset">How far the clock of the host is ahead of <see cref="Now"/>; zero when left out.</param>
    /// <returns>The host, running.</returns>
    public SimulatedHost AddHost(string name, TimeSpan clockOffset = default) => new(this, name, _hosts++, clockOffset);

    /// <summary>Starts a random stream of its own; streams are handed out in the order of the calls.</summary>
    /// <returns>A new stream.</returns>
    public SeededRandom ForkRandom() => _forks.Fork();

    /// <summary>Takes one step: runs one item of one ready mailbox, or else the next timer.</summary>
    /// <returns>False if nothing is ready and no timer is set: the world is dead.</returns>
    public bool Step()
    {
        if (_ready.Count == 0 && !FireNextTimer())
        {
            return false;
        }

        if (_ready.Count > 0)
        {
            int index = _choice.Next(_ready.Count);
            SimulatedMailbox mailbox = _ready[index];
            Steps++;
            Trace.Add(Now, mailbox.Id);
            mailbox.RunOne();
            if (!mailbox.HasWork)
            {
                _ready.Remove(mailbox);
            }
        }

        _failure?.Throw();
        return true;
    }

    /// <summary>Runs until a condition holds.</summary>
    /// <param name="condition">Looked at after every step.</param>
    /// <param name="limit">Longest simulated time to wait.</param>
    /// <returns>True if the condition holds; false if the limit passed first.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(condition);
        DateTimeOffset end = Now + limit;
        while (!condition())
        {
            if (!NextIsBefore(end))
            {
                Now = Now < end ? end : Now;
                return condition();
            }

            Step();
        }

        return true;
    }

    /// <summary>Lets an amount of simulated time pass.</summary>
    /// <param name="time">How much.</param>
    public void RunFor(TimeSpan time) => RunUntil(static () => false, time);

    /// <summary>Runs asynchronous work on a host and steps the world until it has ended.</summary>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <param name="mailbox">Where the work runs.</param>
    /// <param name="work">The work.</param>
    /// <param name="limit">Longest simulated time to wait.</param>
    /// <returns>The result.</returns>
    /// <exception cref="TimeoutException">The work had not ended within the limit.</exception>
    public T Run<T>(Mailbox mailbox, Func<Task<T>> work, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(mailbox);
        Task<T> task = mailbox.RunAsync(work);
        if (!RunUntil(() => task.IsCompleted, limit))
        {
            throw new TimeoutException($"The work in mailbox '{mailbox.Name}' had not ended after {limit} of simulated time (seed {Seed}).");
        }

        return task.GetAwaiter().GetResult();
    }

    /// <summary>Runs asynchronous work on a host and steps the world until it has ended.</summary>
    /// <param name="mailbox">Where the work runs.</param>
    /// <param name="work">The work.</param>
    /// <param name="limit">Longest simulated time to wait.</param>
    /// <exception cref="TimeoutException">The work had not ended within the limit.</exception>
    public void Run(Mailbox mailbox, Func<Task> work, TimeSpan limit) => Run(
        mailbox,
        async () =>
        {
            await work();
            return true;
        },
        limit);

    internal void SetTimer(SimulatedTimer timer, DateTimeOffset due)
    {
        CheckThread();
        _timers.Enqueue(timer, (due, _timerOrder++));
    }

    internal void MarkReady(SimulatedMailbox mailbox) => _ready.Add(mailbox);

    internal void Forget(SimulatedMailbox mailbox) => _ready.Remove(mailbox);

    internal void Fail(Exception e) => _failure ??= ExceptionDispatchInfo.Capture(e);

    internal void CheckThread()
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            var e = new InvalidOperationException(
                "Code left the simulation: something ran on another thread (Task.Run, ConfigureAwait(false), Task.WhenAny over a completion source, real I/O).");
            Fail(e);
            throw e;
        }
    }

    private bool NextIsBefore(DateTimeOffset end)
    {
        DropDeadTimers();
        return _ready.Count > 0 || (_timers.TryPeek(out _, out var next) && next.Due <= end);
    }

    private bool FireNextTimer()
    {
        DropDeadTimers();
        if (!_timers.TryDequeue(out SimulatedTimer? timer, out var key))
        {
            return false;
        }

        Now = key.Due > Now ? key.Due : Now;
        Steps++;
        Trace.Add(Now, -1 - timer.Host.Id);
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(timer.Host.TimerContext);
        try
        {
            timer.Fire();
        }
        catch (Exception e)
        {
            Fail(e);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        return true;
    }

    private void DropDeadTimers()
    {
        while (_timers.TryPeek(out SimulatedTimer? timer, out var key) && !timer.IsDue(key.Due))
        {
            _timers.Dequeue();
        }
    }
}
