// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;

namespace Swarm.Security;

/// <summary>What a node certificate is to say.</summary>
/// <param name="RequestPem">The certificate request; its key is certified, its subject ignored.</param>
/// <param name="NodeId">Common name: the node's id.</param>
/// <param name="Role">Organizational unit: the role.</param>
/// <param name="Organization">Organization: the id of the cluster.</param>
/// <param name="NotBefore">Start of validity; cut to whole seconds.</param>
/// <param name="NotAfter">End of validity; cut to whole seconds.</param>
public sealed record NodeCertificateTemplate(
    ByteString RequestPem, string NodeId, NodeRole Role, string Organization, DateTimeOffset NotBefore, DateTimeOffset NotAfter);
