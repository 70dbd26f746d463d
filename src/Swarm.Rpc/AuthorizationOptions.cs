// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;
using Swarm.Security;

namespace Swarm.Rpc;

/// <summary>What an <see cref="AuthorizationInterceptor"/> decides by.</summary>
public sealed class AuthorizationOptions
{
    /// <summary>This node's credentials: they name the cluster, and the identity of local callers.</summary>
    public required NodeCredentialsSource Credentials { get; init; }

    /// <summary>Tells who is at the other end of a call.</summary>
    public required Func<ServerCallContext, PeerIdentity> Peer { get; init; }

    /// <summary>Which callers a method takes. Default: <see cref="MethodRoles.Of"/>.</summary>
    public Func<string, AllowedCallers> Roles { get; init; } = MethodRoles.Of;

    /// <summary>Whether a node was removed from the cluster. Default: none was.</summary>
    public Func<string, bool> IsBlacklisted { get; init; } = static _ => false;

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
