// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Core;

namespace Swarm.Rpc;

/// <summary>The one place where operating errors and gRPC errors are turned into each other.</summary>
public static class RpcErrors
{
    /// <summary>Trailer that carries the exact <see cref="SwarmErrorCode"/> between our own nodes; others ignore it.</summary>
    public const string CodeTrailer = "swarm-error-code";

    private static readonly string[] LibraryTexts = ["Error starting gRPC call", "Error reading next message"];

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
        return new SwarmException(code, TextOf(error.Status), error);
    }

    // What the client's library says of a connection that failed is the whole chain of its causes: the last one is what a person needs.
    private static string TextOf(Status status)
    {
        if (status.DebugException is not { } cause || !LibraryTexts.Any(start => status.Detail.StartsWith(start, StringComparison.Ordinal)))
        {
            return status.Detail.Length > 0 ? status.Detail : status.StatusCode.ToString();
        }

        while (cause.InnerException is { } inner)
        {
            cause = inner;
        }

        return $"the connection broke: {cause.Message.ReplaceLineEndings(" ")}";
    }
}
