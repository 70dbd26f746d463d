// SPDX-License-Identifier: Apache-2.0
using Swarm.Rpc;
using Swarm.Security;

namespace Swarm.Client;

/// <summary>The way to the manager on this machine: a socket that file rights guard, so that neither side proves itself.</summary>
internal static class ControlSocket
{
    /// <summary>Gives a connection; the socket is first used by the first call.</summary>
    /// <param name="path">Path of the socket.</param>
    /// <returns>The connection.</returns>
    public static IRpcConnection Connect(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new GrpcConnector(RpcTrust.Unverified).Connect(RpcAddress.OfSocket(path), SwarmRoleNames.Manager);
    }
}
