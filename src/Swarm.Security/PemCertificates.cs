// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;
using Swarm.Core;

namespace Swarm.Security;

/// <summary>Reads certificates from PEM text.</summary>
public static class PemCertificates
{
    private const int CertificatesMax = 16;

    /// <summary>Reads all certificates of a text, in order.</summary>
    /// <param name="pem">The text.</param>
    /// <param name="what">What it is, for the error.</param>
    /// <returns>1 … 16 certificates; whoever reads them disposes them.</returns>
    /// <exception cref="SwarmException">InvalidArgument: there is none, too many, or one is damaged.</exception>
    public static IReadOnlyList<X509Certificate2> Read(ByteString pem, string what = "certificate")
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(Encoding.UTF8.GetString(pem.Span));
        }
        catch (CryptographicException e)
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument, $"the {what} is damaged: {e.Message}", e);
        }

        return found.Count is > 0 and <= CertificatesMax
            ? [.. found]
            : throw new SwarmException(SwarmErrorCode.InvalidArgument,
                found.Count == 0 ? $"the {what} holds no PEM certificate" : $"the {what} holds more than {CertificatesMax} certificates");
    }
}
