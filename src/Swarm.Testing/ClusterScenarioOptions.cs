// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Testing;

/// <summary>How big and how bad a <see cref="ClusterScenario"/> is.</summary>
public sealed class ClusterScenarioOptions
{
    /// <summary>Decides everything.</summary>
    /// <value>Default: 1.</value>
    public ulong Seed { get; set; } = 1;

    /// <summary>Nodes, the manager among them.</summary>
    /// <value>Default: 3. At least 2.</value>
    public int Nodes { get; set; } = 3;

    /// <summary>Tasks wanted at first, over three services. A global service with one task on each node comes on top.</summary>
    /// <value>Default: 300. At least 3.</value>
    public int Tasks { get; set; } = 300;

    /// <summary>Disturbances before the calm.</summary>
    /// <value>Default: 30. At least 4.</value>
    public int Faults { get; set; } = 30;

    /// <summary>The chance that a message is lost, and that one breaks its connection, until the calm.</summary>
    /// <value>Default: 0.01.</value>
    public double LossProbability { get; set; } = 0.01;

    /// <summary>Longest time from a write to its commit in the manager's log.</summary>
    /// <value>Default: 50 ms.</value>
    public TimeSpan CommitDelayMax { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How far the clocks of workers may be off, either way.</summary>
    /// <value>Default: 5 min.</value>
    public TimeSpan ClockOffsetMax { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest simulated time from the calm to convergence.</summary>
    /// <value>Default: 5 min.</value>
    public TimeSpan ConvergeLimit { get; set; } = TimeSpan.FromMinutes(5);
}
