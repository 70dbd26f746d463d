// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;

namespace Swarm.Rpc;

/// <summary>What services ask a call for.</summary>
public static class ServerCallContextExtensions
{
    private static readonly object Key = new();

    /// <summary>Who called. Set before the service runs, the same over TLS, the control socket and the in-memory transport.</summary>
    /// <param name="context">The call.</param>
    /// <returns>The caller.</returns>
    /// <exception cref="InvalidOperationException">The service is not served through this package.</exception>
    public static ICallerIdentity GetCaller(this ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.UserState.TryGetValue(Key, out object? caller)
            ? (ICallerIdentity)caller
            : throw new InvalidOperationException("the caller of this call is not known: serve it through RpcServer or InMemoryNetwork");
    }

    /// <summary>Sets who called. For authorizing interceptors, and for tests that call a service directly.</summary>
    /// <param name="context">The call.</param>
    /// <param name="caller">The caller.</param>
    public static void SetCaller(this ServerCallContext context, ICallerIdentity caller)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.UserState[Key] = caller;
    }
}
