// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Rpc;

/// <summary>What an <see cref="RpcServer"/> listens on and serves. Set it up, then leave it alone.</summary>
public sealed class RpcServerOptions
{
    /// <summary>Address of the remote API, IP:PORT (port 0: any free one); null for none.</summary>
    public string? RemoteAddress { get; set; }

    /// <summary>Services of the remote API. Each call needs the role that the method demands.</summary>
    public IReadOnlyList<ServerServiceDefinition> RemoteServices { get; set; } = [];

    /// <summary>Path of the control socket; null for none. At most 107 bytes.</summary>
    public string? ControlSocketPath { get; set; }

    /// <summary>Services of the control socket. Who may open the socket (mode 0600) may call all of them.</summary>
    public IReadOnlyList<ServerServiceDefinition> LocalServices { get; set; } = [];

    /// <summary>
    /// Whether a node was removed from the cluster, so that its certificate counts no more. Called for each call, on any thread.
    /// Default: none was.
    /// </summary>
    public Func<string, bool> IsBlacklisted { get; set; } = static _ => false;

    /// <summary>
    /// Which callers a method takes. Default: <see cref="MethodRoles.Of"/>, which knows the methods of the contracts; give your own
    /// to serve others.
    /// </summary>
    public Func<string, AllowedCallers> Roles { get; set; } = MethodRoles.Of;

    /// <summary>The clock by which certificates are judged. Default: the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Largest message taken, in bytes. Default 4 MiB, as SwarmKit.</summary>
    public int MessageSizeMax { get; set; } = SwarmDefaults.MessageSizeMax;

    /// <summary>
    /// Largest message sent, in bytes. Default 256 MiB: agents take more than 4 MiB on their session streams, and the first message of
    /// assignments may have to be larger.
    /// </summary>
    public int SendSizeMax { get; set; } = RpcClientOptions.ReceiveSizeDefault;

    /// <summary>Largest number of connections of one listener. Default 16,384.</summary>
    public long ConnectionsMax { get; set; } = 16_384;

    /// <summary>Calls open at once on one connection; further ones wait on the client's side. Default 1,000.</summary>
    public int StreamsPerConnectionMax { get; set; } = 1000;

    /// <summary>Time allowed for a TLS handshake. Default 10 s.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a stop waits for open calls before it ends them. Default 2 s.</summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">One is missing or out of range; says which.</exception>
    public void Validate()
    {
        if (RemoteAddress is null && ControlSocketPath is null)
        {
            throw new ArgumentException($"{nameof(RpcServerOptions)}: give {nameof(RemoteAddress)}, {nameof(ControlSocketPath)} or both.");
        }

        if (MessageSizeMax < 1024 || SendSizeMax < 1024 || ConnectionsMax < 1 || StreamsPerConnectionMax < 1)
        {
            throw new ArgumentException(
                $"{nameof(RpcServerOptions)}: the sizes must be at least 1024, the other bounds at least 1.");
        }

        if (HandshakeTimeout <= TimeSpan.Zero || StopGrace < TimeSpan.Zero)
        {
            throw new ArgumentException(
                $"{nameof(RpcServerOptions)}: {nameof(HandshakeTimeout)} must be more than 0, {nameof(StopGrace)} not less.");
        }
    }
}
