// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Hosting;

/// <summary>
/// A cluster that is declared: every node is told the same, one of them by name to make the cluster, and the others wait for it and join. Starting
/// again makes no second cluster: a node that has made one and lost its state directory refuses to start, and says what to do.
/// </summary>
public sealed class ClusterBootstrapOptions
{
    /// <summary>The <see cref="SwarmNodeOptions.Hostname"/> of the node that makes the cluster; case does not matter.</summary>
    /// <value>No default: must be set.</value>
    public string FirstNode { get; set; } = "";

    /// <summary>Longest time that another node waits for the cluster at its first start.</summary>
    /// <value>Default: 5 min. More than zero, or <see cref="Timeout.InfiniteTimeSpan"/>.</value>
    public TimeSpan WaitTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Time between two attempts to join.</summary>
    /// <value>Default: 2 s. More than zero, at most 1 h.</value>
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Checks the values.</summary>
    /// <exception cref="SwarmException">InvalidArgument: one is missing or wrong; the text says which.</exception>
    public void Validate()
    {
        Require(FirstNode.Length > 0, "ClusterBootstrapOptions.FirstNode must name the node that makes the cluster");
        Require(
            WaitTimeout > TimeSpan.Zero || WaitTimeout == Timeout.InfiniteTimeSpan,
            "ClusterBootstrapOptions.WaitTimeout must be more than zero, or infinite");
        Require(
            RetryInterval > TimeSpan.Zero && RetryInterval <= TimeSpan.FromHours(1),
            "ClusterBootstrapOptions.RetryInterval must be more than zero and at most an hour");
    }

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument, message);
        }
    }
}
