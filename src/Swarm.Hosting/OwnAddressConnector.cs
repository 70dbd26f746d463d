// SPDX-License-Identifier: Apache-2.0
using Swarm.Rpc;

namespace Swarm.Hosting;

/// <summary>Dials a manager's own advertised address, which may be behind a translation, by the one it listens on.</summary>
internal sealed class OwnAddressConnector(IRpcConnector inner, string advertised, string dialled) : IRpcConnector
{
    public IRpcConnection Connect(string address, string serverName) => inner.Connect(address == advertised ? dialled : address, serverName);
}
