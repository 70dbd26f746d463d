// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;
using Swarm.Rpc;

namespace Swarm.Simulation;

/// <summary>
/// Decides what becomes of each message between the hosts of a simulated world: delay, loss, broken connections, partitions. A host
/// always reaches itself. Belongs to the thread of its <see cref="SimulationLoop"/>.
/// </summary>
public sealed class SimulatedNetwork : ILinkPolicy
{
    private readonly SimulationLoop _loop;
    private readonly SeededRandom _random;
    private readonly SortedSet<(string From, string To)> _cut = [];
    private readonly SortedSet<string> _isolated = new(StringComparer.Ordinal);

    /// <summary>Makes a network without partitions.</summary>
    /// <param name="loop">The world.</param>
    /// <param name="options">How bad the network is; may be changed while the world runs.</param>
    public SimulatedNetwork(SimulationLoop loop, SimulatedNetworkOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(loop);
        _loop = loop;
        _random = loop.ForkRandom();
        Options = options ?? new SimulatedNetworkOptions();
        Options.Validate();
    }

    /// <summary>How bad the network is.</summary>
    public SimulatedNetworkOptions Options { get; }

    /// <summary>Messages sent so far.</summary>
    public long Sent { get; private set; }

    /// <summary>Messages lost so far, by chance or by a partition.</summary>
    public long Lost { get; private set; }

    /// <summary>Cuts the link between two hosts, both ways.</summary>
    /// <param name="a">Name of one host.</param>
    /// <param name="b">Name of the other.</param>
    public void Cut(string a, string b)
    {
        CutOneWay(a, b);
        CutOneWay(b, a);
    }

    /// <summary>Cuts the link from one host to another; the way back stays.</summary>
    /// <param name="from">Name of the host that sends.</param>
    /// <param name="to">Name of the host that no longer hears it.</param>
    public void CutOneWay(string from, string to)
    {
        _cut.Add((from, to));
        _loop.Trace.Note($"{_loop.Now:O} cut {from} {to}");
    }

    /// <summary>Cuts a host off from all others.</summary>
    /// <param name="host">Its name.</param>
    public void Isolate(string host)
    {
        _isolated.Add(host);
        _loop.Trace.Note($"{_loop.Now:O} isolate {host}");
    }

    /// <summary>Ends all partitions.</summary>
    public void Heal()
    {
        _cut.Clear();
        _isolated.Clear();
        _loop.Trace.Note($"{_loop.Now:O} heal");
    }

    /// <summary>Ends all partitions, and all loss and broken connections by chance.</summary>
    public void Calm()
    {
        Heal();
        Options.LossProbability = 0;
        Options.ResetProbability = 0;
    }

    /// <inheritdoc/>
    public LinkDecision Decide(string from, string to, int size)
    {
        if (from == to)
        {
            return LinkDecision.Deliver();
        }

        Sent++;
        // All three numbers are drawn always, so that a change of one probability leaves the others' draws alone.
        TimeSpan delay = _random.NextTimeSpan(Options.DelayMin, Options.DelayMax);
        double loss = _random.NextDouble();
        double reset = _random.NextDouble();
        if (_isolated.Contains(from) || _isolated.Contains(to) || _cut.Contains((from, to)) || loss < Options.LossProbability)
        {
            Lost++;
            return LinkDecision.Drop();
        }

        return reset < Options.ResetProbability ? LinkDecision.Reset(delay) : LinkDecision.Deliver(delay);
    }
}
