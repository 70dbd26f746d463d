// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Swarm.Security;

/// <summary>
/// Finds a path from a certificate to a trusted root (RFC 5280 §6, as far as clusters need it). The platform's chain
/// builder is not used, since it takes a certificate whose subject and issuer are equal for a root: the certificate with
/// which an old root signs a new one of the same name ("cross certificate", sent while a cluster changes its root) would
/// end the search. No network look-ups, no revocation lists, no system roots. Thread-safe.
/// </summary>
public static class CertificatePathValidator
{
    private const int DepthMax = 8;
    private const int SignatureChecksMax = 64;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    // Extensions whose meaning is checked here, or that carry no constraint on paths.
    private static readonly string[] KnownCritical = ["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.37", "2.5.29.14", "2.5.29.35"];

    /// <summary>Validates a certificate.</summary>
    /// <param name="leaf">The certificate of the peer.</param>
    /// <param name="intermediates">What the peer sent besides; not trusted.</param>
    /// <param name="roots">The trusted roots.</param>
    /// <param name="purpose">Which end of a connection it is to prove.</param>
    /// <param name="now">The time now.</param>
    /// <returns>Valid, or the reason why not.</returns>
    public static CertificatePathResult Validate(
        X509Certificate2 leaf,
        IReadOnlyList<X509Certificate2> intermediates,
        IReadOnlyList<X509Certificate2> roots,
        CertificatePurpose purpose,
        DateTimeOffset now)
    {
        try
        {
            string? problem = CheckLeaf(leaf, purpose, now);
            if (problem is not null)
            {
                return new(problem);
            }

            var search = new Search(intermediates, roots, now);
            return new(search.Climb(leaf, []) ? null : search.Problem ?? "it was not signed by a root that is trusted here");
        }
        catch (CryptographicException e)
        {
            return new($"it is damaged: {e.Message}");
        }
    }

    /// <summary>Whether a certificate was made for a name: one of its DNS names equals it, case aside.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="name">The name expected.</param>
    /// <returns>True if it names it.</returns>
    public static bool HasName(X509Certificate2 certificate, string name)
    {
        foreach (X509Extension extension in certificate.Extensions)
        {
            if (extension.Oid?.Value != "2.5.29.17")
            {
                continue;
            }

            var names = new X509SubjectAlternativeNameExtension(extension.RawData);
            return names.EnumerateDnsNames().Any(n => string.Equals(n, name, StringComparison.OrdinalIgnoreCase));
        }

        return false;
    }

    private static string? CheckLeaf(X509Certificate2 leaf, CertificatePurpose purpose, DateTimeOffset now)
    {
        string? problem = CheckTime(leaf, now) ?? CheckCritical(leaf);
        if (problem is not null)
        {
            return problem;
        }

        string wanted = purpose == CertificatePurpose.Server ? ServerAuthentication : ClientAuthentication;
        X509EnhancedKeyUsageExtension? usage = leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault();
        return usage is null || usage.EnhancedKeyUsages.Cast<Oid>().Any(o => o.Value == wanted)
            ? null
            : $"it may not be used as a {(purpose == CertificatePurpose.Server ? "server" : "client")} certificate";
    }

    private static string? CheckTime(X509Certificate2 certificate, DateTimeOffset now)
    {
        DateTimeOffset from = certificate.NotBefore.ToUniversalTime();
        DateTimeOffset to = certificate.NotAfter.ToUniversalTime();
        return now < from ? $"it is not valid before {from:u}; check the clocks" : now > to ? $"it expired at {to:u}" : null;
    }

    private static string? CheckCritical(X509Certificate2 certificate)
    {
        X509Extension? unknown = certificate.Extensions.FirstOrDefault(e => e.Critical && !KnownCritical.Contains(e.Oid?.Value));
        return unknown is null ? null : $"it has a critical extension that is not known here ({unknown.Oid?.Value})";
    }

    private sealed class Search(IReadOnlyList<X509Certificate2> intermediates, IReadOnlyList<X509Certificate2> roots, DateTimeOffset now)
    {
        private int _checksLeft = SignatureChecksMax;

        // The reason that says most: a signature that fits, but an issuer that may not sign.
        public string? Problem { get; private set; }

        public bool Climb(X509Certificate2 child, List<X509Certificate2> below)
        {
            foreach (X509Certificate2 root in roots)
            {
                if (Signs(root, child, below))
                {
                    return true;
                }
            }

            if (below.Count >= DepthMax)
            {
                return false;
            }

            foreach (X509Certificate2 next in intermediates)
            {
                if (next.Equals(child) || below.Any(next.Equals) || !Signs(next, child, below))
                {
                    continue;
                }

                if (Climb(next, [.. below, child]))
                {
                    return true;
                }
            }

            return false;
        }

        private bool Signs(X509Certificate2 issuer, X509Certificate2 child, List<X509Certificate2> below)
        {
            if (!issuer.SubjectName.RawData.AsSpan().SequenceEqual(child.IssuerName.RawData) || _checksLeft-- <= 0
                || !CertificateSignature.Verify(child, issuer))
            {
                return false;
            }

            string? problem = CheckTime(issuer, now) ?? CheckCritical(issuer) ?? CheckMayIssue(issuer, child, below);
            if (problem is not null)
            {
                Problem = $"its issuer ({issuer.Subject}) is not to be trusted: {problem}";
            }

            return problem is null;
        }

        private static string? CheckMayIssue(X509Certificate2 issuer, X509Certificate2 child, List<X509Certificate2> below)
        {
            var basic = issuer.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault();
            if (basic is not { CertificateAuthority: true })
            {
                return "it is no certificate authority";
            }

            var usage = issuer.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault();
            if (usage is not null && !usage.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign))
            {
                return "it may not sign certificates";
            }

            // Authorities between the leaf (first below) and the child count, and the child itself unless it is the leaf;
            // those that an authority issued to itself do not (RFC 5280 §6.1.4 l).
            int authorities = below.Append(child).Skip(1).Count(c => !c.SubjectName.RawData.AsSpan().SequenceEqual(c.IssuerName.RawData));
            return basic.HasPathLengthConstraint && authorities > basic.PathLengthConstraint ? "the path is longer than it allows" : null;
        }
    }
}
