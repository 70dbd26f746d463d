// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;

namespace Swarm.Security;

/// <summary>
/// Makes and reads keys, certificate requests, certificates and token secrets. The seam between real cryptography
/// (<see cref="OperatingSystemCertificateIssuer"/>) and simulation (<see cref="SimulatedCertificateIssuer"/>): everything
/// else treats what is made here as opaque PEM text. Implementations are thread-safe unless they say otherwise.
/// </summary>
public interface ICertificateIssuer
{
    /// <summary>Makes a root certificate, valid for 20 years, with its key.</summary>
    /// <param name="now">The time now.</param>
    /// <returns>The root and its key.</returns>
    CertificateKeyPair CreateRoot(DateTimeOffset now);

    /// <summary>Makes a key for a node and a certificate request for it.</summary>
    /// <returns>The request and the key.</returns>
    CertificateKeyPair CreateRequest();

    /// <summary>Checks a certificate request, so that a bad one is refused before anything is stored.</summary>
    /// <param name="requestPem">The request.</param>
    /// <exception cref="Core.SwarmException">InvalidArgument: it is no request, its own signature is wrong, or its key is too
    /// weak.</exception>
    void CheckRequest(ByteString requestPem);

    /// <summary>Signs a node certificate. Only the public key is taken from the request.</summary>
    /// <param name="root">The root and its key.</param>
    /// <param name="request">What to sign.</param>
    /// <returns>The certificate in PEM.</returns>
    /// <exception cref="Core.SwarmException">InvalidArgument: bad request; FailedPrecondition: the key is not the root's.</exception>
    ByteString Issue(CertificateKeyPair root, NodeCertificateTemplate request);

    /// <summary>Reads a node certificate, without deciding whether to trust it.</summary>
    /// <param name="certificatePem">The certificate, first in the text; intermediates may follow.</param>
    /// <param name="rootPem">The roots of the cluster, to tell the key of the issuer.</param>
    /// <returns>What it says.</returns>
    /// <exception cref="Core.SwarmException">InvalidArgument: it is no node certificate.</exception>
    NodeCertificateInfo Read(ByteString certificatePem, ByteString rootPem);

    /// <summary>Checks that a node certificate was signed under one of the roots and is valid now.</summary>
    /// <param name="certificatePem">The certificate; intermediates may follow.</param>
    /// <param name="rootPem">One or more roots.</param>
    /// <param name="now">The time now.</param>
    /// <exception cref="Core.SwarmException">Unauthenticated: says why it is not to be trusted.</exception>
    void Verify(ByteString certificatePem, ByteString rootPem, DateTimeOffset now);

    /// <summary>Whether a private key belongs to a certificate.</summary>
    /// <param name="certificatePem">The certificate, first in the text.</param>
    /// <param name="keyPem">The key.</param>
    /// <returns>True if they belong together; false also for text that is neither.</returns>
    bool IsKeyOf(ByteString certificatePem, ByteString keyPem);

    /// <summary>Makes the secret of a join token.</summary>
    /// <returns><see cref="JoinToken.SecretBytes"/> random bytes.</returns>
    byte[] CreateTokenSecret();
}
