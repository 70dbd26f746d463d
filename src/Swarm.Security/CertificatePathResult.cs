// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Security;

/// <summary>Whether a certificate is to be trusted.</summary>
/// <param name="Problem">Why not, in words; null if it is.</param>
public readonly record struct CertificatePathResult(string? Problem)
{
    /// <summary>Whether the certificate leads to a trusted root.</summary>
    public bool IsValid => Problem is null;
}
