// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Swarm.Rpc;

/// <summary>Puts interceptors in front of the methods of a service, whatever transport serves it.</summary>
public static class ServiceInterception
{
    /// <summary>Makes a definition whose calls go through interceptors first.</summary>
    /// <param name="service">The service.</param>
    /// <param name="interceptors">The interceptors, the outermost first.</param>
    /// <returns>The new definition.</returns>
    public static ServerServiceDefinition With(this ServerServiceDefinition service, params ReadOnlySpan<Interceptor> interceptors)
    {
        ArgumentNullException.ThrowIfNull(service);
        ServerServiceDefinition wrapped = service;
        for (int i = interceptors.Length - 1; i >= 0; i--)
        {
            var binder = new Binder(interceptors[i]);
            wrapped.BindService(binder);
            wrapped = binder.Build();
        }

        return wrapped;
    }

    private sealed class Binder(Interceptor interceptor) : ServiceBinderBase
    {
        private readonly ServerServiceDefinition.Builder _builder = ServerServiceDefinition.CreateBuilder();

        public ServerServiceDefinition Build() => _builder.Build();

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            _builder.AddMethod(method, (request, context) => interceptor.UnaryServerHandler(request, context, handler!));

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
            _builder.AddMethod(method, (requests, context) => interceptor.ClientStreamingServerHandler(requests, context, handler!));

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
            _builder.AddMethod(method, (request, responses, context) =>
                interceptor.ServerStreamingServerHandler(request, responses, context, handler!));

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
            _builder.AddMethod(method, (requests, responses, context) =>
                interceptor.DuplexStreamingServerHandler(requests, responses, context, handler!));
    }
}
