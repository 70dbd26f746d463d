// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Core;

/// <summary>
/// The kinds of operating errors. Each has one gRPC status, given where it is mapped (<c>Swarm.Rpc</c>); codes and
/// texts that SwarmKit clients match on are kept.
/// </summary>
public enum SwarmErrorCode
{
    /// <summary>The request itself is wrong; sending it again cannot help. gRPC: InvalidArgument.</summary>
    InvalidArgument,

    /// <summary>The object named does not exist. gRPC: NotFound.</summary>
    NotFound,

    /// <summary>An object with this id or name exists. gRPC: AlreadyExists.</summary>
    AlreadyExists,

    /// <summary>The state of the cluster forbids it now. gRPC: FailedPrecondition.</summary>
    FailedPrecondition,

    /// <summary>The version named is not the stored one ("update out of sequence"). gRPC: FailedPrecondition.</summary>
    OutOfSequence,

    /// <summary>The caller may not do this. gRPC: PermissionDenied.</summary>
    PermissionDenied,

    /// <summary>The caller is not known well enough. gRPC: Unauthenticated.</summary>
    Unauthenticated,

    /// <summary>A bound was met: queue, size, rate. gRPC: ResourceExhausted.</summary>
    ResourceExhausted,

    /// <summary>The other side cannot answer now; trying again later may help. gRPC: Unavailable.</summary>
    Unavailable,

    /// <summary>A stream or session ended and must be opened anew. gRPC: Aborted.</summary>
    Aborted,

    /// <summary>This manager does not lead, and what was asked did not happen. gRPC: Unavailable.</summary>
    NotLeader,

    /// <summary>Leadership ended while the write was under way: it may still take effect. gRPC: Unavailable.</summary>
    OutcomeUnknown,

    /// <summary>The method exists, this version does not do it. gRPC: Unimplemented.</summary>
    Unimplemented,

    /// <summary>A defect of ours. gRPC: Internal.</summary>
    Internal,

    /// <summary>The time allowed ran out. gRPC: DeadlineExceeded.</summary>
    DeadlineExceeded,
}
