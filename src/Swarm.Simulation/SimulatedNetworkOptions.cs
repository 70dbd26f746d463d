// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Simulation;

/// <summary>How bad the network of a simulated world is.</summary>
public sealed class SimulatedNetworkOptions
{
    /// <summary>Least time from sending to receiving.</summary>
    /// <value>Default: 100 µs.</value>
    public TimeSpan DelayMin { get; set; } = TimeSpan.FromMicroseconds(100);

    /// <summary>Greatest time from sending to receiving.</summary>
    /// <value>Default: 5 ms. At least <see cref="DelayMin"/>.</value>
    public TimeSpan DelayMax { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The chance that a message is lost, and with it what follows on its connection.</summary>
    /// <value>Default: 0. Range: 0 … 1.</value>
    public double LossProbability { get; set; }

    /// <summary>The chance that a message breaks its connection at once.</summary>
    /// <value>Default: 0. Range: 0 … 1.</value>
    public double ResetProbability { get; set; }

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">One is out of range.</exception>
    public void Validate()
    {
        if (DelayMin < TimeSpan.Zero || DelayMax < DelayMin)
        {
            throw new ArgumentException("SimulatedNetworkOptions: 0 ≤ DelayMin ≤ DelayMax must hold.");
        }

        if (LossProbability is not (>= 0 and <= 1) || ResetProbability is not (>= 0 and <= 1))
        {
            throw new ArgumentException("SimulatedNetworkOptions: probabilities are from 0 to 1.");
        }
    }
}
