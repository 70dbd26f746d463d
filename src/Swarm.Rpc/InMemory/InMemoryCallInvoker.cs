// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Core;

namespace Swarm.Rpc.InMemory;

/// <summary>What generated clients call.</summary>
internal sealed class InMemoryCallInvoker(InMemoryNetworkOptions options, Mailbox mailbox, Func<Link> link) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions callOptions, TRequest request)
    {
        if (SynchronizationContext.Current is Mailbox here)
        {
            throw new InvalidOperationException($"mailbox '{here.Name}': use the asynchronous call; a mailbox never blocks");
        }

        return AsyncUnaryCall(method, host, callOptions, request).ResponseAsync.GetAwaiter().GetResult();
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions callOptions, TRequest request)
    {
        ClientCall call = Begin(method, callOptions);
        Task<TResponse> response = SendOneAsync(call, method, request);
        return new AsyncUnaryCall<TResponse>(response, call.Headers, () => call.Status, () => call.Trailers, call.Dispose);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions callOptions, TRequest request)
    {
        ClientCall call = Begin(method, callOptions);
        Post(call, method, request);
        return new AsyncServerStreamingCall<TResponse>(
            new MessageReader<TResponse>(call.Inbox, method.ResponseMarshaller), call.Headers, () => call.Status, () => call.Trailers, call.Dispose);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions callOptions)
    {
        ClientCall call = Begin(method, callOptions);
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            new Writer<TRequest>(call, method.RequestMarshaller, options.MessageSizeMax),
            ReadResponseAsync(call, method.ResponseMarshaller),
            call.Headers,
            () => call.Status,
            () => call.Trailers,
            call.Dispose);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions callOptions)
    {
        ClientCall call = Begin(method, callOptions);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            new Writer<TRequest>(call, method.RequestMarshaller, options.MessageSizeMax),
            new MessageReader<TResponse>(call.Inbox, method.ResponseMarshaller),
            call.Headers,
            () => call.Status,
            () => call.Trailers,
            call.Dispose);
    }

    private ClientCall Begin<TRequest, TResponse>(Method<TRequest, TResponse> method, CallOptions callOptions)
        where TRequest : class
        where TResponse : class =>
        new(link(), mailbox, options, method.FullName, callOptions);

    private Task<TResponse> SendOneAsync<TRequest, TResponse>(ClientCall call, Method<TRequest, TResponse> method, TRequest request)
        where TRequest : class
        where TResponse : class
    {
        Post(call, method, request);
        return ReadResponseAsync(call, method.ResponseMarshaller);
    }

    // The window is never full for the first message, so this does not wait; if the call has failed already, its end says so.
    private void Post<TRequest, TResponse>(ClientCall call, Method<TRequest, TResponse> method, TRequest request)
        where TRequest : class
        where TResponse : class
    {
        Task sent = call.WriteAsync(Marshalling.Write(method.RequestMarshaller, request, options.MessageSizeMax));
        _ = sent.Exception;
        call.Complete();
    }

    private static async Task<T> ReadResponseAsync<T>(ClientCall call, Marshaller<T> marshaller)
    {
        byte[] bytes = await call.Inbox.ReadAsync()
            ?? throw new RpcException(new Status(StatusCode.Internal, "the server ended the call without an answer"));

        // The answer counts only when the end says that all went well.
        await call.Inbox.ReadAsync();
        return Marshalling.Read(marshaller, bytes);
    }

    private sealed class Writer<T>(ClientCall call, Marshaller<T> marshaller, int sizeMax) : IClientStreamWriter<T>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(T message) => call.WriteAsync(Marshalling.Write(marshaller, message, sizeMax));

        public Task WriteAsync(T message, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return WriteAsync(message);
        }

        public Task CompleteAsync()
        {
            call.Complete();
            return Task.CompletedTask;
        }
    }
}
