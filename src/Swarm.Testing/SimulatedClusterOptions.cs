// SPDX-License-Identifier: Apache-2.0
using Swarm.Simulation;
using Swarm.Store.Testing;

namespace Swarm.Testing;

/// <summary>What a <see cref="SimulatedCluster"/> is made of.</summary>
public sealed class SimulatedClusterOptions
{
    /// <summary>Decides everything that is left to chance.</summary>
    /// <value>Default: 1.</value>
    public ulong Seed { get; set; } = 1;

    /// <summary>Workers beside the one manager, which runs tasks too.</summary>
    /// <value>Default: 2. Range: 0 … 1000.</value>
    public int Workers { get; set; } = 2;

    /// <summary>How bad the network is, once the cluster is up.</summary>
    /// <value>Default: delays of 0.1 to 5 ms, no losses.</value>
    public SimulatedNetworkOptions Network { get; set; } = new();

    /// <summary>How faulty the manager's log is. With it <see cref="SimulatedCluster.LoseLeadership"/> works.</summary>
    /// <value>Default: null, a log that commits everything at once.</value>
    public FaultyProposerOptions? Log { get; set; }

    /// <summary>How far the clock of a worker may be ahead of, or behind, that of the manager; each life of a worker has an offset of its own.</summary>
    /// <value>Default: zero. Certificates are valid from an hour before they are issued, so keep it below that.</value>
    public TimeSpan ClockOffsetMax { get; set; }

    /// <summary>Processors that each node offers, in billionths; 0 offers none, so that reservations cannot be met.</summary>
    /// <value>Default: 1000 processors.</value>
    public long NanoCpus { get; set; } = 1_000_000_000_000;

    /// <summary>Memory that each node offers, in bytes.</summary>
    /// <value>Default: 1 TiB.</value>
    public long MemoryBytes { get; set; } = 1L << 40;
}
