// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Client;

/// <summary>How to wait for a service.</summary>
public sealed class ServiceWaitOptions
{
    /// <summary>Longest wait; after it the wait fails with <c>DeadlineExceeded</c>. More than 0. Default: 5 minutes.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Time between two looks. More than 0. Default: 200 ms.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long the service must stay converged without a break. Default: 0.</summary>
    public TimeSpan StableFor { get; set; } = TimeSpan.Zero;

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        if (Timeout <= TimeSpan.Zero || PollInterval <= TimeSpan.Zero || StableFor < TimeSpan.Zero)
        {
            throw new ArgumentException(
                $"Timeout ({Timeout}) and PollInterval ({PollInterval}) must be more than 0, StableFor ({StableFor}) not less.");
        }
    }
}
