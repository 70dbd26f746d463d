// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;

namespace Swarm.Rpc.InMemory;

/// <summary>The methods of a listener, as functions over bytes.</summary>
internal sealed class MethodTable(int sizeMax) : ServiceBinderBase
{
    private readonly Dictionary<string, Func<ServerCall, ServerContext, Task>> _methods = new(StringComparer.Ordinal);

    public Func<ServerCall, ServerContext, Task>? Find(string method) => _methods.GetValueOrDefault(method);

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        _methods.Add(method.FullName, async (call, context) =>
        {
            TRequest request = await ReadOneAsync(call, method.RequestMarshaller);
            TResponse response = await handler!(request, context);
            await WriteAsync(call, method.ResponseMarshaller, response);
        });

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        _methods.Add(method.FullName, async (call, context) =>
        {
            TResponse response = await handler!(new MessageReader<TRequest>(call.Inbox, method.RequestMarshaller), context);
            await WriteAsync(call, method.ResponseMarshaller, response);
        });

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        _methods.Add(method.FullName, async (call, context) =>
        {
            TRequest request = await ReadOneAsync(call, method.RequestMarshaller);
            await handler!(request, new Writer<TResponse>(this, call, method.ResponseMarshaller), context);
        });

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        _methods.Add(method.FullName, (call, context) => handler!(
            new MessageReader<TRequest>(call.Inbox, method.RequestMarshaller), new Writer<TResponse>(this, call, method.ResponseMarshaller), context));

    private static async Task<T> ReadOneAsync<T>(ServerCall call, Marshaller<T> marshaller) =>
        await call.Inbox.ReadAsync() is { } bytes
            ? Marshalling.Read(marshaller, bytes)
            : throw new RpcException(new Status(StatusCode.Internal, "the call ended before its request"));

    private Task WriteAsync<T>(ServerCall call, Marshaller<T> marshaller, T message) =>
        call.WriteAsync(Marshalling.Write(marshaller, message, sizeMax));

    private sealed class Writer<T>(MethodTable table, ServerCall call, Marshaller<T> marshaller) : IServerStreamWriter<T>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(T message) => table.WriteAsync(call, marshaller, message);

        public Task WriteAsync(T message, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return WriteAsync(message);
        }
    }
}
