// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Rpc;

/// <summary>How an <see cref="InMemoryNetwork"/> behaves. Set it up, then leave it alone.</summary>
public sealed class InMemoryNetworkOptions
{
    /// <summary>Decides about delay, loss and resets. Default null: everything arrives at once.</summary>
    public ILinkPolicy? Policy { get; set; }

    /// <summary>
    /// Reads and verifies the certificates of both ends. Default: real ones; simulations give the issuer they make theirs with.
    /// </summary>
    public ICertificateIssuer Issuer { get; set; } = OperatingSystemCertificateIssuer.Instance;

    /// <summary>Time from the first lost piece of a connection to its break, as a real stack's keep-alive. Default 20 s.</summary>
    public TimeSpan LossTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Time allowed to connect. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Largest message to a server, in bytes. Default 4 MiB.</summary>
    public int MessageSizeMax { get; set; } = SwarmDefaults.MessageSizeMax;

    /// <summary>Largest message from a server, in bytes. Default 256 MiB, as over a real network.</summary>
    public int AnswerSizeMax { get; set; } = RpcClientOptions.ReceiveSizeDefault;

    /// <summary>Messages of one stream that may wait for their reader; then writing waits. Default 32.</summary>
    public int WindowMessages { get; set; } = 32;

    /// <summary>Calls open at once on one connection; more are refused with ResourceExhausted. Default 1,000.</summary>
    public int CallsPerConnectionMax { get; set; } = 1000;

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">One is out of range.</exception>
    public void Validate()
    {
        if (LossTimeout <= TimeSpan.Zero || ConnectTimeout <= TimeSpan.Zero || MessageSizeMax < 1024 || AnswerSizeMax < 1024 || WindowMessages < 1
            || CallsPerConnectionMax < 1)
        {
            throw new ArgumentException($"{nameof(InMemoryNetworkOptions)}: times must be more than 0, "
                + $"{nameof(MessageSizeMax)} and {nameof(AnswerSizeMax)} at least 1024, the other bounds at least 1.");
        }
    }
}
