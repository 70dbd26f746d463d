// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Core;

namespace Swarm.Rpc;

/// <summary>The one place where operating errors and gRPC errors are turned into each other.</summary>
public static class RpcErrors
{
    /// <summary>Trailer that carries the exact <see cref="SwarmErrorCode"/> between our own nodes; others ignore it.</summary>
    public const string CodeTrailer = "swarm-error-code";

    /// <summary>The status of a kind of error.</summary>
    /// <param name="code">The kind.</param>
    /// <returns>The status.</returns>
    public static StatusCode ToStatusCode(SwarmErrorCode code) => code switch
    {
        SwarmErrorCode.InvalidArgument => StatusCode.InvalidArgument,
        SwarmErrorCode.NotFound => StatusCode.NotFound,
        SwarmErrorCode.AlreadyExists => StatusCode.AlreadyExists,
        SwarmErrorCode.FailedPrecondition or SwarmErrorCode.OutOfSequence => StatusCode.FailedPrecondition,
        SwarmErrorCode.PermissionDenied => StatusCode.PermissionDenied,
        SwarmErrorCode.Unauthenticated => StatusCode.Unauthenticated,
        SwarmErrorCode.ResourceExhausted => StatusCode.ResourceExhausted,
        SwarmErrorCode.Unavailable or SwarmErrorCode.NotLeader or SwarmErrorCode.OutcomeUnknown => StatusCode.Unavailable,
        SwarmErrorCode.Aborted => StatusCode.Aborted,
        SwarmErrorCode.Unimplemented => StatusCode.Unimplemented,
        SwarmErrorCode.DeadlineExceeded => StatusCode.DeadlineExceeded,
        _ => StatusCode.Internal,
    };

    /// <summary>The kind of error of a status. A call that was cancelled counts as <see cref="SwarmErrorCode.Aborted"/>.</summary>
    /// <param name="status">The status; not <see cref="StatusCode.OK"/>.</param>
    /// <returns>The kind.</returns>
    public static SwarmErrorCode ToErrorCode(StatusCode status) => status switch
    {
        StatusCode.InvalidArgument or StatusCode.OutOfRange => SwarmErrorCode.InvalidArgument,
        StatusCode.NotFound => SwarmErrorCode.NotFound,
        StatusCode.AlreadyExists => SwarmErrorCode.AlreadyExists,
        StatusCode.FailedPrecondition => SwarmErrorCode.FailedPrecondition,
        StatusCode.PermissionDenied => SwarmErrorCode.PermissionDenied,
        StatusCode.Unauthenticated => SwarmErrorCode.Unauthenticated,
        StatusCode.ResourceExhausted => SwarmErrorCode.ResourceExhausted,
        StatusCode.Unavailable => SwarmErrorCode.Unavailable,
        StatusCode.Aborted or StatusCode.Cancelled => SwarmErrorCode.Aborted,
        StatusCode.Unimplemented => SwarmErrorCode.Unimplemented,
        StatusCode.DeadlineExceeded => SwarmErrorCode.DeadlineExceeded,
        _ => SwarmErrorCode.Internal,
    };

    /// <summary>What a server answers for an operating error.</summary>
    /// <param name="error">The error.</param>
    /// <returns>Its status and text, and its exact kind as a trailer.</returns>
    public static RpcException ToRpcException(SwarmException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return new RpcException(new Status(ToStatusCode(error.Code), error.Message, error),
            new Metadata { { CodeTrailer, error.Code.ToString() } });
    }

    /// <summary>
    /// What a client makes of a failed call: the error that the server named, or why there was no answer (unreachable, not to be
    /// trusted, our certificate refused), in one line.
    /// </summary>
    /// <param name="error">The failure of the call.</param>
    /// <returns>The operating error.</returns>
    public static SwarmException ToSwarmException(RpcException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        for (Exception? cause = error.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            if (cause is SwarmException typed)
            {
                return typed;
            }
        }

        string? named = error.Trailers.FirstOrDefault(t => t.Key == CodeTrailer && !t.IsBinary)?.Value;
        SwarmErrorCode code = named is not null && Enum.TryParse(named, out SwarmErrorCode exact) && Enum.IsDefined(exact)
            && ToStatusCode(exact) == error.StatusCode
            ? exact
            : ToErrorCode(error.StatusCode);
        string text = error.Status.Detail.Length > 0 ? error.Status.Detail : error.StatusCode.ToString();
        return new SwarmException(code, text, error);
    }
}
