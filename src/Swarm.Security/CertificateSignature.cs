// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Swarm.Security;

/// <summary>Checks that one certificate's key signed another (RFC 5280 §4.1.1), which .NET offers only as part of chain building.</summary>
internal static class CertificateSignature
{
    private const int RsaBitsMin = 2048;

    public static bool Verify(X509Certificate2 child, X509Certificate2 issuer)
    {
        try
        {
            var outer = new AsnReader(child.RawDataMemory, AsnEncodingRules.DER).ReadSequence();
            ReadOnlyMemory<byte> signed = outer.ReadEncodedValue();
            string algorithm = outer.ReadSequence().ReadObjectIdentifier();
            byte[] signature = outer.ReadBitString(out int unused);
            return unused == 0 && VerifyData(issuer, algorithm, signed.Span, signature);
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or NotSupportedException)
        {
            return false;
        }
    }

    private static bool VerifyData(X509Certificate2 issuer, string algorithm, ReadOnlySpan<byte> signed, byte[] signature)
    {
        switch (algorithm)
        {
            case "1.2.840.10045.4.3.2":
                return VerifyEcdsa(issuer, signed, signature, HashAlgorithmName.SHA256);
            case "1.2.840.10045.4.3.3":
                return VerifyEcdsa(issuer, signed, signature, HashAlgorithmName.SHA384);
            case "1.2.840.10045.4.3.4":
                return VerifyEcdsa(issuer, signed, signature, HashAlgorithmName.SHA512);
            case "1.2.840.113549.1.1.11":
                return VerifyRsa(issuer, signed, signature, HashAlgorithmName.SHA256);
            case "1.2.840.113549.1.1.12":
                return VerifyRsa(issuer, signed, signature, HashAlgorithmName.SHA384);
            case "1.2.840.113549.1.1.13":
                return VerifyRsa(issuer, signed, signature, HashAlgorithmName.SHA512);
            default:
                // Others (SHA-1, Ed25519) are not used by clusters, and what is not known is not trusted.
                return false;
        }
    }

    private static bool VerifyEcdsa(X509Certificate2 issuer, ReadOnlySpan<byte> signed, byte[] signature, HashAlgorithmName hash)
    {
        using ECDsa? key = issuer.GetECDsaPublicKey();
        return key is not null && key.VerifyData(signed, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
    }

    private static bool VerifyRsa(X509Certificate2 issuer, ReadOnlySpan<byte> signed, byte[] signature, HashAlgorithmName hash)
    {
        using RSA? key = issuer.GetRSAPublicKey();
        return key is not null && key.KeySize >= RsaBitsMin && key.VerifyData(signed, signature, hash, RSASignaturePadding.Pkcs1);
    }
}
