// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;

namespace Swarm.Security;

/// <summary>
/// A certificate or a certificate request, with the private key it belongs to. Immutable. Its text form never shows the key.
/// </summary>
/// <param name="certificatePem">The certificate or request in PEM.</param>
/// <param name="keyPem">The private key in PEM (PKCS#8).</param>
public sealed class CertificateKeyPair(ByteString certificatePem, ByteString keyPem)
{
    /// <summary>The certificate or request in PEM.</summary>
    public ByteString CertificatePem { get; } = certificatePem;

    /// <summary>The private key in PEM. A secret.</summary>
    public ByteString KeyPem { get; } = keyPem;
}
