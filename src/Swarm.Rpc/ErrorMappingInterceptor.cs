// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Swarm.Core;

namespace Swarm.Rpc;

/// <summary>
/// Server side: turns what a service throws into a gRPC status. What is no operating error becomes Internal, its details logged, not
/// sent.
/// </summary>
/// <param name="logger">Where defects are reported.</param>
public sealed class ErrorMappingInterceptor(ILogger? logger = null) : Interceptor
{
    private readonly ILogger _logger = logger ?? NullLogger.Instance;

    /// <inheritdoc/>
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Map(e, context);
        }
    }

    /// <inheritdoc/>
    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(requestStream, context);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Map(e, context);
        }
    }

    /// <inheritdoc/>
    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Map(e, context);
        }
    }

    /// <inheritdoc/>
    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requestStream, responseStream, context);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Map(e, context);
        }
    }

    private RpcException Map(Exception error, ServerCallContext context)
    {
        if (error is SwarmException known)
        {
            return RpcErrors.ToRpcException(known);
        }

        if (context.CancellationToken.IsCancellationRequested)
        {
            // The caller is gone; whatever a service throws on the way out is of no interest.
            return new RpcException(new Status(StatusCode.Cancelled, "the call was cancelled"));
        }

        if (error is OperationCanceledException)
        {
            return RpcErrors.ToRpcException(
                new SwarmException(SwarmErrorCode.Unavailable, "the node is stopping or changing its role; try again"));
        }

        RpcLog.CallFailed(_logger, context.Method, error);
        return RpcErrors.ToRpcException(
            new SwarmException(SwarmErrorCode.Internal, "internal error; the log of the node that answered says more"));
    }
}
