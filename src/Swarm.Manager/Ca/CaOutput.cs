// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Manager;

/// <summary>What <see cref="CaCore"/> asks of its shell.</summary>
internal abstract record CaOutput
{
    /// <summary>Sign a request and report the certificate, or why there is none.</summary>
    public sealed record Sign(string NodeId, ByteString Request, NodeRole Role, Cluster Cluster) : CaOutput;

    /// <summary>Submit a write to the store and report how it ended.</summary>
    public sealed record Post(CertificateWrite Write) : CaOutput;

    /// <summary>Answer a call that waits for a certificate: with a response or an error.</summary>
    public sealed record Answer(long Request, NodeCertificateStatusResponse? Response, SwarmException? Error) : CaOutput;
}
