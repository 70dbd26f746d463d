// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Rpc;

/// <summary>What a caller's certificate says it is.</summary>
public enum CallerRole
{
    /// <summary>No certificate: a node that wants to join.</summary>
    None,

    /// <summary>A worker of this cluster.</summary>
    Worker,

    /// <summary>A manager of this cluster.</summary>
    Manager,
}
