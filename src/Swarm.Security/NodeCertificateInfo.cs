// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;

namespace Swarm.Security;

/// <summary>What a node certificate says. Nothing in it is secret.</summary>
/// <param name="NodeId">Common name: the node's id.</param>
/// <param name="Role">The role of the organizational unit.</param>
/// <param name="Organization">The id of the cluster.</param>
/// <param name="NotBefore">Start of validity.</param>
/// <param name="NotAfter">End of validity.</param>
/// <param name="IssuerSubject">Subject of the issuer, DER.</param>
/// <param name="IssuerPublicKey">Public key of the issuing root, DER SubjectPublicKeyInfo; empty if no given root fits.</param>
public sealed record NodeCertificateInfo(
    string NodeId,
    NodeRole Role,
    string Organization,
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter,
    ByteString IssuerSubject,
    ByteString IssuerPublicKey);
