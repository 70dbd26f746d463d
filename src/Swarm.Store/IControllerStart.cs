// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store;

/// <summary>What a controller gets when a reign begins.</summary>
public interface IControllerStart
{
    /// <summary>The state at the beginning of the reign.</summary>
    IStoreReader Head { get; }

    /// <summary>The time.</summary>
    DateTimeOffset Now { get; }

    /// <summary>Sets or moves a timer of this controller.</summary>
    /// <param name="key">Its name within the controller.</param>
    /// <param name="due">When; a time in the past means the next turn.</param>
    void SetTimer(string key, DateTimeOffset due);
}
