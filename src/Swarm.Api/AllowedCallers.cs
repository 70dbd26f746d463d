// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Api;

/// <summary>Who may call a method, by the role in the caller's certificate.</summary>
[Flags]
public enum AllowedCallers
{
    /// <summary>Nobody: the method is not known.</summary>
    None = 0,

    /// <summary>Holders of a manager's certificate of this cluster.</summary>
    Manager = 1,

    /// <summary>Holders of a worker's certificate of this cluster.</summary>
    Worker = 2,

    /// <summary>Callers without a certificate too. The table sets it only together with the other two.</summary>
    Anyone = 4,
}
