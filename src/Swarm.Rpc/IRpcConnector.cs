// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Rpc;

/// <summary>Opens connections to other nodes, proving itself as its <see cref="RpcTrust"/> says. Thread-safe.</summary>
public interface IRpcConnector
{
    /// <summary>
    /// Gives a connection. The network is first used by the first call, and again after each break; a connection is never "down" for good.
    /// New connections use the newest certificate; one that is open goes on with the one it began with, so connect anew after a renewal.
    /// </summary>
    /// <param name="address">HOST:PORT, or unix:///PATH.</param>
    /// <param name="serverName">The name the server's certificate must have: see <see cref="Security.SwarmRoleNames"/>.</param>
    /// <returns>The connection; dispose it when done.</returns>
    /// <exception cref="SwarmException">InvalidArgument: the address has neither form.</exception>
    IRpcConnection Connect(string address, string serverName);
}
