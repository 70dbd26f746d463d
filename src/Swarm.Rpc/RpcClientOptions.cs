// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Rpc;

/// <summary>How connections are made. Set it up, then leave it alone.</summary>
public sealed class RpcClientOptions
{
    internal const int ReceiveSizeDefault = 256 * 1024 * 1024;

    /// <summary>Time allowed to connect, with the TLS handshake. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Largest message taken, in bytes. Default 256 MiB: sessions of SwarmKit's managers may send more than 4 MiB.</summary>
    public int ReceiveSizeMax { get; set; } = ReceiveSizeDefault;

    /// <summary>Largest message sent, in bytes. Default 4 MiB, the most that managers take.</summary>
    public int SendSizeMax { get; set; } = Core.SwarmDefaults.MessageSizeMax;

    /// <summary>The clock by which certificates are judged. Default: the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">One is out of range.</exception>
    public void Validate()
    {
        if (ConnectTimeout <= TimeSpan.Zero || ReceiveSizeMax < 1024 || SendSizeMax < 1024)
        {
            throw new ArgumentException(
                $"{nameof(RpcClientOptions)}: {nameof(ConnectTimeout)} must be more than 0, the sizes at least 1024.");
        }
    }
}
