// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Rpc;

/// <summary>What can become of a piece on an <see cref="InMemoryNetwork"/>.</summary>
public enum LinkAction
{
    /// <summary>It arrives.</summary>
    Deliver,

    /// <summary>
    /// It is lost, and with it, as on a real stream, everything after it in this direction of this connection. Nobody notices until
    /// <see cref="InMemoryNetworkOptions.LossTimeout"/> has passed: then the connection breaks on both sides.
    /// </summary>
    Drop,

    /// <summary>The connection breaks on both sides; open calls fail with Unavailable.</summary>
    Reset,
}
