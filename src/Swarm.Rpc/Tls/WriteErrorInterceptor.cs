// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Swarm.Rpc.Tls;

/// <summary>
/// Client side: a write to a stream whose connection broke gives an <see cref="RpcException"/>, as reading from it does. The library
/// below lets the exceptions of the HTTP layer through there.
/// </summary>
internal sealed class WriteErrorInterceptor : Interceptor
{
    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        AsyncClientStreamingCall<TRequest, TResponse> call = continuation(context);
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            new Writer<TRequest>(call.RequestStream),
            call.ResponseAsync,
            call.ResponseHeadersAsync,
            call.GetStatus,
            call.GetTrailers,
            call.Dispose);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        AsyncDuplexStreamingCall<TRequest, TResponse> call = continuation(context);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            new Writer<TRequest>(call.RequestStream),
            call.ResponseStream,
            call.ResponseHeadersAsync,
            call.GetStatus,
            call.GetTrailers,
            call.Dispose);
    }

    private sealed class Writer<T>(IClientStreamWriter<T> inner) : IClientStreamWriter<T>
    {
        public WriteOptions? WriteOptions
        {
            get => inner.WriteOptions;
            set => inner.WriteOptions = value;
        }

        public Task WriteAsync(T message) => TranslateAsync(inner.WriteAsync(message));

        public Task WriteAsync(T message, CancellationToken cancellationToken) =>
            TranslateAsync(inner.WriteAsync(message, cancellationToken));

        public Task CompleteAsync() => TranslateAsync(inner.CompleteAsync());

        private static async Task TranslateAsync(Task work)
        {
            try
            {
                await work;
            }
            catch (Exception e) when (e is IOException or HttpRequestException or ObjectDisposedException)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, $"the connection broke: {e.Message}", e));
            }
        }
    }
}
