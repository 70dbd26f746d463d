// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store;

/// <summary>A reign of this manager began or ended.</summary>
/// <param name="reign">Its number.</param>
/// <param name="isLeading">True at the beginning, false at the end.</param>
public sealed class ReignChangedEventArgs(ulong reign, bool isLeading) : EventArgs
{
    /// <summary>Number of the reign.</summary>
    public ulong Reign { get; } = reign;

    /// <summary>True at the beginning, false at the end.</summary>
    public bool IsLeading { get; } = isLeading;
}
