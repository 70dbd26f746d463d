// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Simulation;

/// <summary>
/// A machine of the simulated world, seen from its programs: where they get mailboxes and the time. When it crashes, nothing
/// that was queued or timed on it ever runs. Belongs to the thread of its <see cref="SimulationLoop"/>.
/// </summary>
public sealed class SimulatedHost : IMailboxFactory
{
    private readonly List<SimulatedMailbox> _mailboxes = [];
    private int _made;

    internal SimulatedHost(SimulationLoop loop, string name, int id, TimeSpan clockOffset)
    {
        Loop = loop;
        Name = name;
        Id = id;
        Time = new SimulatedTimeProvider(this, clockOffset);
        TimerContext = (SimulatedMailbox)Create("timers");
    }

    /// <summary>The world this host is in.</summary>
    public SimulationLoop Loop { get; }

    /// <summary>The name of the host.</summary>
    public string Name { get; }

    /// <summary>Whether the host has crashed.</summary>
    public bool Crashed { get; private set; }

    /// <inheritdoc/>
    public TimeProvider Time { get; }

    internal int Id { get; }

    // Timer callbacks that await something come back here, not to the thread pool.
    internal SimulatedMailbox TimerContext { get; }

    /// <inheritdoc/>
    public Mailbox Create(string name)
    {
        var mailbox = new SimulatedMailbox(this, $"{Name}/{name}", (Id * 1000) + _made++);
        _mailboxes.Add(mailbox);
        return mailbox;
    }

    /// <summary>Stops the host at once and for ever, as <c>kill -9</c> of all its programs; a restart is a new host.</summary>
    public void Crash()
    {
        Crashed = true;
        foreach (SimulatedMailbox mailbox in _mailboxes)
        {
            Loop.Forget(mailbox);
            mailbox.Clear();
        }

        Loop.Trace.Note($"{Loop.Now:O} crash {Name}");
    }
}
