// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>Settings of placement. The defaults are those of SwarmKit.</summary>
public sealed class PlacementOptions
{
    /// <summary>How many recent failures of one service version make a node be avoided for it. At least 1; default 5.</summary>
    public int FailureThreshold { get; set; } = 5;

    /// <summary>How long a failure is recent. More than zero; default 5 minutes.</summary>
    public TimeSpan FailureWindow { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The most failures remembered in all; the oldest are forgotten first. At least 1; default 10,000.</summary>
    public int MaxRememberedFailures { get; set; } = 10_000;

    /// <summary>
    /// How many waiting groups get their explanation refreshed in one run because nodes changed in a way that cannot help them.
    /// At least 1; default 16.
    /// </summary>
    public int RefreshesPerRun { get; set; } = 16;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public void Validate()
    {
        Require(FailureThreshold >= 1, "FailureThreshold must be at least 1");
        Require(FailureWindow > TimeSpan.Zero, "FailureWindow must be more than zero");
        Require(MaxRememberedFailures >= 1, "MaxRememberedFailures must be at least 1");
        Require(RefreshesPerRun >= 1, "RefreshesPerRun must be at least 1");
    }

    private static void Require(bool holds, string rule)
    {
        if (!holds)
        {
            throw new ArgumentException("placement options: " + rule);
        }
    }
}
