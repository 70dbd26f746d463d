// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing;

/// <summary>
/// What an executor can do beyond the eight calls. What it does not claim is not asked of it: <see cref="ExecutorConformance.Cases"/>
/// leaves the cases out.
/// </summary>
[Flags]
public enum ConformanceFeatures
{
    /// <summary>The eight calls over work that runs until it is stopped, and nothing else.</summary>
    None = 0,

    /// <summary>Work can end by itself, with an exit code.</summary>
    Exits = 1,

    /// <summary>Controllers are an <see cref="ITaskLogSource"/>; work can write lines to two streams.</summary>
    Logs = 2,

    /// <summary>Controllers are an <see cref="IPortStatusSource"/>; work can listen on a port.</summary>
    Ports = 4,

    /// <summary>Work outlives its agent: an executor made anew over the same place takes it over.</summary>
    Adoption = 8,

    /// <summary>The executor describes how many CPUs and how much memory the node has.</summary>
    Resources = 16,

    /// <summary>Work that does not heed the request to stop is ended by force.</summary>
    Kill = 32,

    /// <summary>Work that takes more memory than its limit is ended.</summary>
    Limits = 64,

    /// <summary>Work can refer to a secret, and waits for one that has not arrived.</summary>
    Secrets = 128,

    /// <summary>All of these.</summary>
    All = Exits | Logs | Ports | Adoption | Resources | Kill | Limits | Secrets,
}
