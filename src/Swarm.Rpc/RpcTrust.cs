// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Security;

namespace Swarm.Rpc;

/// <summary>Whom a caller trusts and how it proves itself. Immutable.</summary>
public sealed class RpcTrust
{
    private RpcTrust(ByteString? rootPem, NodeCredentialsSource? credentials)
    {
        FixedRootPem = rootPem;
        Credentials = credentials;
    }

    /// <summary>
    /// No certificate, any server: for control sockets, which file rights guard, and for fetching a root that is checked afterwards.
    /// </summary>
    public static RpcTrust Unverified { get; } = new(null, null);

    /// <summary>The credentials to prove oneself with; null for none.</summary>
    public NodeCredentialsSource? Credentials { get; }

    /// <summary>The roots to trust now; null for any server.</summary>
    public ByteString? RootPem => FixedRootPem ?? Credentials?.Current?.RootPem;

    /// <summary>Whether the server has to prove itself.</summary>
    public bool IsVerified => FixedRootPem is not null || Credentials is not null;

    private ByteString? FixedRootPem { get; }

    /// <summary>No certificate, servers under this root: for a node that joins.</summary>
    /// <param name="rootPem">The root.</param>
    /// <returns>The trust.</returns>
    public static RpcTrust RootOnly(ByteString rootPem) => new(rootPem, null);

    /// <summary>A certificate and its root, each the newest at the time of a connection.</summary>
    /// <param name="credentials">Where the newest are.</param>
    /// <returns>The trust.</returns>
    public static RpcTrust Mutual(NodeCredentialsSource credentials) => new(null, credentials);
}
