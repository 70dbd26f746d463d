// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Security;

/// <summary>When a node renews its certificate. Pure.</summary>
public static class RenewalSchedule
{
    /// <summary>Earliest point, as a part of the life of a certificate.</summary>
    public const double Earliest = 0.5;

    /// <summary>Latest point, as a part of the life of a certificate.</summary>
    public const double Latest = 0.8;

    private static readonly TimeSpan RetryFirst = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryLast = TimeSpan.FromHours(1);

    /// <summary>A random point in 50–80 % of the life of a certificate, so that the nodes of a cluster do not renew at once.</summary>
    /// <param name="notBefore">Start of validity.</param>
    /// <param name="notAfter">End of validity.</param>
    /// <param name="random">A random stream.</param>
    /// <returns>When to renew; it may have passed already.</returns>
    public static DateTimeOffset Next(DateTimeOffset notBefore, DateTimeOffset notAfter, SeededRandom random)
    {
        TimeSpan life = notAfter > notBefore ? notAfter - notBefore : TimeSpan.Zero;
        return notBefore + random.NextTimeSpan(life * Earliest, life * Latest);
    }

    /// <summary>How long to wait after a renewal that failed: 5 s, doubled each time up to 1 h.</summary>
    /// <param name="failures">Failures in a row, at least 1.</param>
    /// <returns>The pause.</returns>
    public static TimeSpan RetryAfter(int failures)
    {
        int doublings = Math.Clamp(failures - 1, 0, 20);
        TimeSpan pause = RetryFirst * (1L << doublings);
        return pause < RetryLast ? pause : RetryLast;
    }
}
