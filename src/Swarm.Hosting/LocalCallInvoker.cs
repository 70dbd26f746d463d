// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Core;

namespace Swarm.Hosting;

/// <summary>Calls the manager inside this program once there is one; says why not before, and on a worker. Thread-safe.</summary>
/// <param name="current">Gives the way to the manager, if there is one now.</param>
/// <param name="status">Gives the node's status, for the error.</param>
internal sealed class LocalCallInvoker(Func<CallInvoker?> current, Func<SwarmNodeStatus> status) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        Require().BlockingUnaryCall(method, host, options, request);

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        Require().AsyncUnaryCall(method, host, options, request);

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        Require().AsyncServerStreamingCall(method, host, options, request);

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        Require().AsyncClientStreamingCall(method, host, options);

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        Require().AsyncDuplexStreamingCall(method, host, options);

    private CallInvoker Require() => current() ?? throw (status() is { Phase: SwarmNodePhase.Running, HasManager: false } worker
        ? new SwarmException(
            SwarmErrorCode.FailedPrecondition,
            $"node {worker.NodeId} is a worker, and the cluster takes orders from managers only: call from the manager (constraint node.role == manager)")
        : new SwarmException(SwarmErrorCode.Unavailable, "the node does not run: the cluster cannot be called from here now"));
}
