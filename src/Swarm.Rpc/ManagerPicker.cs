// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Rpc;

/// <summary>
/// Chooses which manager to call, by the rules of SwarmKit's "remotes": each has a weight, moved half-way towards each observation
/// and kept within ±<see cref="WeightMax"/>; one is drawn with a chance in proportion to its weight. Managers with no weight or less
/// stay a last resort. Stepped: same calls and same seed, same choices. Not thread-safe.
/// </summary>
/// <param name="random">The random stream.</param>
public sealed class ManagerPicker(SeededRandom random)
{
    /// <summary>Weight of an observation: a success counts +10, a failure −10.</summary>
    public const int ObservationWeight = 10;

    /// <summary>Bound of weights.</summary>
    public const int WeightMax = 256;

    /// <summary>Most managers kept; more are not taken in.</summary>
    public const int PeersMax = 256;

    private const double Smoothing = 0.5;

    // So that managers without weight can be drawn at all, each as likely as the other.
    private const double Bias = 0.001;

    private readonly List<(ManagerPeer Peer, int Weight)> _peers = [];

    /// <summary>The managers known, in the order they became known, with their weights.</summary>
    public IReadOnlyList<(ManagerPeer Peer, int Weight)> Peers => _peers;

    /// <summary>Takes note of a weight, as a manager list or an observation gives it.</summary>
    /// <param name="peer">The manager; it is added if it is not known.</param>
    /// <param name="weight">The weight.</param>
    public void Observe(ManagerPeer peer, int weight)
    {
        int bounded = Math.Clamp(weight, -WeightMax, WeightMax);
        int at = _peers.FindIndex(p => p.Peer == peer);
        if (at >= 0)
        {
            double smooth = (Smoothing * bounded) + ((1 - Smoothing) * _peers[at].Weight);
            _peers[at] = (peer, (int)Math.Clamp(smooth, -WeightMax, WeightMax));
        }
        else if (_peers.Count < PeersMax)
        {
            _peers.Add((peer, bounded));
        }
    }

    /// <summary>A call to a manager went well.</summary>
    /// <param name="peer">The manager.</param>
    public void ObserveSuccess(ManagerPeer peer) => ObserveKnown(peer, ObservationWeight);

    /// <summary>A manager could not be reached, or failed a call.</summary>
    /// <param name="peer">The manager.</param>
    public void ObserveFailure(ManagerPeer peer) => ObserveKnown(peer, -ObservationWeight);

    /// <summary>
    /// Takes over the list that a manager sent: weights are observed, managers not in it are forgotten. An empty list is ignored.
    /// </summary>
    /// <param name="managers">The list.</param>
    public void Replace(IEnumerable<WeightedPeer> managers)
    {
        List<(ManagerPeer Peer, int Weight)> given =
        [
            .. managers.Where(m => m.Peer is { Addr.Length: > 0 })
                .Select(m => (new ManagerPeer(m.Peer.NodeId, m.Peer.Addr), (int)Math.Clamp(m.Weight, -WeightMax, WeightMax))),
        ];
        if (given.Count == 0)
        {
            return;
        }

        _peers.RemoveAll(known => !given.Any(g => g.Peer == known.Peer));
        foreach ((ManagerPeer peer, int weight) in given)
        {
            Observe(peer, weight);
        }
    }

    /// <summary>Forgets a manager.</summary>
    /// <param name="peer">The manager.</param>
    public void Remove(ManagerPeer peer) => _peers.RemoveAll(p => p.Peer == peer);

    /// <summary>Draws a manager.</summary>
    /// <param name="exclude">Managers not to draw.</param>
    /// <returns>The manager; null if there is none.</returns>
    public ManagerPeer? Pick(params ReadOnlySpan<ManagerPeer> exclude)
    {
        double total = 0;
        foreach ((ManagerPeer peer, int weight) in _peers)
        {
            total += exclude.Contains(peer) ? 0 : Chance(weight);
        }

        double point = random.NextDouble() * total;
        ManagerPeer? last = null;
        foreach ((ManagerPeer peer, int weight) in _peers)
        {
            if (exclude.Contains(peer))
            {
                continue;
            }

            last = peer;
            point -= Chance(weight);
            if (point < 0)
            {
                break;
            }
        }

        return last;
    }

    private static double Chance(int weight) => Math.Max(weight, 0) + Bias;

    private void ObserveKnown(ManagerPeer peer, int weight)
    {
        if (_peers.Exists(p => p.Peer == peer))
        {
            Observe(peer, weight);
        }
    }
}
