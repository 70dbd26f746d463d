// SPDX-License-Identifier: Apache-2.0
using Swarm.Store;

namespace Swarm.Manager;

/// <summary>A stepped machine that follows the committed state and works while this manager leads.</summary>
internal interface IReactorCore
{
    /// <summary>When <see cref="OnTimer"/> is to be called; null for never.</summary>
    DateTimeOffset? NextTimer { get; }

    /// <summary>This manager leads from now on.</summary>
    void BeginReign(IStoreReader view, DateTimeOffset now);

    /// <summary>This manager leads no longer.</summary>
    void EndReign();

    /// <summary>Changes were missed; this is the state now.</summary>
    void OnReset(IStoreReader view, DateTimeOffset now);

    /// <summary>The state went on by these changes.</summary>
    void OnChanges(IStoreReader view, IReadOnlyList<StoreChange> changes, DateTimeOffset now);

    /// <summary>Time went on.</summary>
    void OnTimer(DateTimeOffset now);
}
