// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Swarm.Client;

/// <summary>Gives each call with one answer a deadline, so that a manager that hangs does not hang its callers. Thread-safe.</summary>
/// <param name="limit">Longest wait for an answer.</param>
/// <param name="time">The clock.</param>
internal sealed class CallTimeoutInterceptor(TimeSpan limit, TimeProvider time) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        CallOptions options = context.Options.WithDeadline((time.GetUtcNow() + limit).UtcDateTime);
        AsyncUnaryCall<TResponse> call = continuation(
            request, new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, options));
        return new AsyncUnaryCall<TResponse>(
            ExplainAsync(call.ResponseAsync), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    // The transport's own text for this is two words.
    private async Task<T> ExplainAsync<T>(Task<T> response)
    {
        try
        {
            return await response;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.DeadlineExceeded)
        {
            throw new RpcException(new Status(
                StatusCode.DeadlineExceeded,
                $"the manager did not answer within {limit.TotalSeconds:0.#} s: look at its log; a change that was asked for may have been made",
                e));
        }
    }
}
