// SPDX-License-Identifier: Apache-2.0
using Swarm.Security;

namespace Swarm.Rpc;

/// <summary>What a transport knows about the other end of a connection, before anybody asks whether it is enough.</summary>
/// <param name="Subject">The subject of its certificate, whose path to the cluster's root has been checked; null without
/// certificate.</param>
/// <param name="NotAfter">When that certificate ends.</param>
/// <param name="RemoteAddress">IP:PORT, or a host name; empty if not known.</param>
/// <param name="IsLocal">Whether the connection came over the control socket or from inside the process.</param>
public sealed record PeerIdentity(CertificateSubject? Subject, DateTimeOffset NotAfter, string RemoteAddress, bool IsLocal = false);
