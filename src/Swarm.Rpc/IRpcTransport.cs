// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Rpc;

/// <summary>
/// Makes connectors: over TLS (<see cref="GrpcTransport"/>), or in memory (<see cref="InMemoryNetwork"/> by its hosts). Thread-safe.
/// </summary>
public interface IRpcTransport
{
    /// <summary>Makes a connector.</summary>
    /// <param name="trust">Whom to trust and how to prove oneself.</param>
    /// <returns>The connector.</returns>
    IRpcConnector CreateConnector(RpcTrust trust);
}
