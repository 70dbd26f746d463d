// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Rpc;

/// <summary>Connectors over TLS. Thread-safe.</summary>
/// <param name="options">How connections are made; the defaults when left out.</param>
public sealed class GrpcTransport(RpcClientOptions? options = null) : IRpcTransport
{
    private readonly RpcClientOptions _options = options ?? new RpcClientOptions();

    /// <inheritdoc/>
    public IRpcConnector CreateConnector(RpcTrust trust) => new GrpcConnector(trust, _options);

    /// <summary>
    /// Connects to the control socket of a manager on this machine. File rights guard it, so that any server certificate will do.
    /// </summary>
    /// <param name="path">Path of the socket.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="Core.SwarmException">InvalidArgument: the path is empty or too long.</exception>
    public IRpcConnection ConnectUnix(string path) =>
        CreateConnector(RpcTrust.Unverified).Connect(RpcAddress.OfSocket(path), Security.SwarmRoleNames.Manager);
}
