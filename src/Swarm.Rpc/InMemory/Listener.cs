// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Rpc.InMemory;

/// <summary>What listens at one address.</summary>
internal sealed class Listener(InMemoryNetwork network, Side side, string key, NodeCredentialsSource credentials, bool isLocal)
    : IAsyncDisposable
{
    public Side Side => side;

    public string Host => side.Host;

    public string Key => key;

    public MethodTable Methods { get; } = new(network.Options.AnswerSizeMax);

    public bool IsClosed { get; private set; }

    /// <summary>Local addresses belong to a host; others to the network.</summary>
    public static string KeyOf(string address, string? localHost) => localHost is null ? address : $"{localHost} {address}";

    /// <summary>The server's part of a handshake: judges the caller's certificate and shows the own one.</summary>
    /// <exception cref="SwarmException">The caller is refused.</exception>
    public (PeerIdentity Peer, NodeCredentials? Own) Accept(ByteString? callerPem, string callerHost)
    {
        NodeCredentials? own = credentials.Current;
        if (IsClosed)
        {
            throw new SwarmException(SwarmErrorCode.Unavailable, "nobody listens there");
        }

        if (isLocal || callerPem is null)
        {
            return (new PeerIdentity(null, DateTimeOffset.MaxValue, isLocal ? "" : callerHost, isLocal), own);
        }

        if (own is null)
        {
            throw new SwarmException(SwarmErrorCode.Unavailable, "the server has no certificate yet");
        }

        ICertificateIssuer issuer = network.Options.Issuer;
        issuer.Verify(callerPem, own.RootPem, side.Mailbox.Time.GetUtcNow());
        NodeCertificateInfo info = issuer.Read(callerPem, own.RootPem);
        var subject = new CertificateSubject(info.Organization, SwarmRoleNames.OrganizationalUnit(info.Role), info.NodeId);
        return (new PeerIdentity(subject, info.NotAfter, callerHost), own);
    }

    public ValueTask DisposeAsync()
    {
        IsClosed = true;
        network.Remove(this);
        return ValueTask.CompletedTask;
    }
}
