// SPDX-License-Identifier: Apache-2.0
using System.Collections.ObjectModel;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Rpc.Tls;

/// <summary>What TLS needs of a node's credentials, opened once for each of them. Thread-safe.</summary>
internal sealed class TlsMaterial
{
    private static readonly ConditionalWeakTable<NodeCredentials, TlsMaterial> Opened = [];
    private static readonly ConditionalWeakTable<ByteString, IReadOnlyList<X509Certificate2>> OpenedRoots = [];

    private TlsMaterial(NodeCredentials credentials)
    {
        IReadOnlyList<X509Certificate2> chain = PemCertificates.Read(credentials.Pair.CertificatePem, "node certificate");
        X509Certificate2 leaf;
        try
        {
            string pem = chain[0].ExportCertificatePem();
            leaf = X509Certificate2.CreateFromPem(pem, Encoding.UTF8.GetString(credentials.Pair.KeyPem.Span));
        }
        catch (CryptographicException)
        {
            // The cause is not passed on: nothing of a key may reach a log.
            throw new SwarmException(SwarmErrorCode.FailedPrecondition, "the node's key cannot be opened");
        }

        Context = Build(leaf, [.. chain.Skip(1)]);
        Roots = OpenRoots(credentials.RootPem);
    }

    /// <summary>Certificate, key and intermediates to present.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>The roots to trust.</summary>
    public IReadOnlyList<X509Certificate2> Roots { get; }

    public static TlsMaterial Of(NodeCredentials credentials) => Opened.GetValue(credentials, static c => new TlsMaterial(c));

    public static IReadOnlyList<X509Certificate2> OpenRoots(ByteString pem) =>
        OpenedRoots.GetValue(pem, static p => PemCertificates.Read(p, "root certificate"));

    /// <summary>A policy that keeps the platform's own chain building short and off the network; what it finds is not used.</summary>
    public static X509ChainPolicy QuietPolicy() => new()
    {
        RevocationMode = X509RevocationMode.NoCheck,
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        DisableCertificateDownloads = true,
    };

    /// <summary>Judges the certificate of a peer.</summary>
    /// <returns>Why it is not to be trusted; null if it is.</returns>
    public static string? Judge(
        X509Certificate? certificate,
        X509Chain? chain,
        IReadOnlyList<X509Certificate2> roots,
        CertificatePurpose purpose,
        DateTimeOffset now)
    {
        if (certificate is not X509Certificate2 leaf)
        {
            return "it showed no certificate";
        }

        IReadOnlyList<X509Certificate2> sent = chain is null ? [] : [.. chain.ChainPolicy.ExtraStore];
        return CertificatePathValidator.Validate(leaf, sent, roots, purpose, now).Problem;
    }

    private static SslStreamCertificateContext Build(X509Certificate2 leaf, X509Certificate2Collection intermediates)
    {
        var context = SslStreamCertificateContext.Create(leaf, intermediates, offline: true);
        if (intermediates.Count > 0 && context.IntermediateCertificates.Count < intermediates.Count)
        {
            // The platform takes a cross certificate (subject equal to issuer) for a root and would not send it.
            try
            {
                IntermediatesOf(context) = new ReadOnlyCollection<X509Certificate2>([.. intermediates]);
            }
            catch (MissingFieldException)
            {
                // Another runtime: peers that know only the old root will refuse this node until they learn the new one.
            }
        }

        return context;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<IntermediateCertificates>k__BackingField")]
    private static extern ref ReadOnlyCollection<X509Certificate2> IntermediatesOf(SslStreamCertificateContext context);
}
