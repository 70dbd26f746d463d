// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Client;

/// <summary>How far a service is on its way to what its spec says.</summary>
public enum ServicePhase
{
    /// <summary>Tasks are missing, not running yet, of an older spec, or too many.</summary>
    Converging,

    /// <summary>Exactly the wanted tasks run, all of the newest spec.</summary>
    Converged,

    /// <summary>An update or rollback paused after failures: nothing moves until somebody acts.</summary>
    Paused,
}
