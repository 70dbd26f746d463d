// SPDX-License-Identifier: Apache-2.0
using Swarm.Agent;
using Swarm.Hosting;
using Swarm.Simulation;
using Swarm.Store.Testing;

namespace Swarm.Testing;

/// <summary>A node of a <see cref="SimulatedCluster"/>: what survives its crashes, and its present life.</summary>
public sealed class SimulatedClusterNode
{
    internal SimulatedClusterNode(string name, string address)
    {
        Name = name;
        Address = address;
    }

    /// <summary>The node's name.</summary>
    public string Name { get; }

    /// <summary>The address it would listen on, as host:port.</summary>
    public string Address { get; }

    /// <summary>Whether it runs now.</summary>
    public bool IsUp => Host is { Crashed: false };

    /// <summary>The machine in its present life; null before the first.</summary>
    public SimulatedHost? Host { get; internal set; }

    /// <summary>The node in its present life; null before the first.</summary>
    public SwarmNode? Node { get; internal set; }

    internal InMemoryNodeIdentityStore Identity { get; } = new();

    internal InMemoryTaskStateStore Tasks { get; } = new();

    internal FaultyProposer? Log { get; set; }

    internal int Lives { get; set; }
}
