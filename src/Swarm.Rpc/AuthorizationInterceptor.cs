// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Grpc.Core.Interceptors;
using Swarm.Api;
using Swarm.Security;

namespace Swarm.Rpc;

/// <summary>
/// Server side: finds out who calls, refuses those the method does not take, and gives the service the caller's identity
/// (<see cref="ServerCallContextExtensions.GetCaller"/>). A certificate counts if it is of this cluster (O), names a role (OU), has
/// not expired since the connection began and its node was not removed. What a manager says about the origin of a call it forwards
/// counts as that origin's own certificate; said by anybody else it is ignored. Thread-safe.
/// </summary>
/// <param name="options">What to decide by.</param>
public sealed class AuthorizationInterceptor(AuthorizationOptions options) : Interceptor
{
    /// <inheritdoc/>
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Authorize(context);
        return continuation(request, context);
    }

    /// <inheritdoc/>
    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Authorize(context);
        return continuation(requestStream, context);
    }

    /// <inheritdoc/>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Authorize(context);
        return continuation(request, responseStream, context);
    }

    /// <inheritdoc/>
    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Authorize(context);
        return continuation(requestStream, responseStream, context);
    }

    private void Authorize(ServerCallContext context)
    {
        PeerIdentity peer = options.Peer(context);
        NodeCredentials? own = options.Credentials.Current;
        if (peer.IsLocal)
        {
            // Whoever may open the socket acts as the node itself.
            context.SetCaller(new CallerIdentity(
                own is { Role: NodeRole.Worker } ? CallerRole.Worker : CallerRole.Manager,
                own?.NodeId ?? "",
                own?.Organization ?? "",
                IsLocal: true));
            return;
        }

        AllowedCallers allowed = options.Roles(context.Method);
        CallerIdentity caller = Identify(peer.Subject, peer.NotAfter, own, out string problem) with { RemoteAddress = peer.RemoteAddress };
        if (caller.Role == CallerRole.Manager && ForwardedIdentity.TryRead(context.RequestHeaders, out ForwardedIdentity origin))
        {
            caller = Identify(origin.Subject, DateTimeOffset.MaxValue, own, out problem) with
            {
                RemoteAddress = origin.RemoteAddress,
                ForwardedBy = caller.NodeId,
            };
        }

        if (!IsAllowed(caller.Role, allowed))
        {
            string reason = problem.Length > 0 ? problem : $"the caller is a {caller.Role.ToString().ToLowerInvariant()}";
            throw new RpcException(
                new Status(StatusCode.PermissionDenied, $"Permission denied: {context.Method} is for {Describe(allowed)}; {reason}"));
        }

        context.SetCaller(caller);
    }

    // A certificate that does not count makes a caller without certificate, who may still join.
    private CallerIdentity Identify(CertificateSubject? subject, DateTimeOffset notAfter, NodeCredentials? own, out string problem)
    {
        NodeRole role = NodeRole.Worker;
        problem = subject is null ? "the caller has no certificate"
            : own is null || subject.Organization != own.Organization ? $"remote certificate not part of organization: {own?.Organization}"
            : !SwarmRoleNames.TryParse(subject.OrganizationalUnit, out role) ? "the caller's certificate names no role"
            : subject.CommonName.Length == 0 ? "the caller's certificate names no node"
            : notAfter < options.Time.GetUtcNow() ? $"the caller's certificate expired at {notAfter:u}"
            : options.IsBlacklisted(subject.CommonName) ? $"node {subject.CommonName} was removed from the cluster"
            : "";
        return problem.Length > 0
            ? CallerIdentity.Anonymous
            : new CallerIdentity(
                role == NodeRole.Manager ? CallerRole.Manager : CallerRole.Worker, subject!.CommonName, subject.Organization);
    }

    private static bool IsAllowed(CallerRole role, AllowedCallers allowed) => allowed.HasFlag(AllowedCallers.Anyone)
        || role switch
        {
            CallerRole.Manager => allowed.HasFlag(AllowedCallers.Manager),
            CallerRole.Worker => allowed.HasFlag(AllowedCallers.Worker),
            _ => false,
        };

    private static string Describe(AllowedCallers allowed) => allowed switch
    {
        AllowedCallers.None => "nobody",
        AllowedCallers.Manager => "managers",
        AllowedCallers.Worker => "workers",
        _ => "nodes of the cluster",
    };
}
