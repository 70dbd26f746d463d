// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Security;

/// <summary>What a certificate is used for in a connection.</summary>
public enum CertificatePurpose
{
    /// <summary>The side that listens.</summary>
    Server,

    /// <summary>The side that called.</summary>
    Client,
}
