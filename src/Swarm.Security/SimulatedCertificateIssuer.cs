// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Security;

/// <summary>
/// Certificates without cryptography, for simulation: a key is a random number, a certificate is a line of text that names
/// key, subject, validity and the key of its issuer. The same stream gives the same bytes, and issuing costs microseconds.
/// The in-memory transport of <c>Swarm.Rpc</c> carries these certificates where TLS would carry real ones, and both ends
/// check them with <see cref="Verify"/>; so tokens, roles, expiry, renewal and foreign clusters behave as they do for real.
/// Anybody can forge them: never for anything but tests. Not thread-safe: it belongs to one simulation.
/// </summary>
/// <param name="random">The random stream; the issuer shares it with its owner.</param>
public sealed class SimulatedCertificateIssuer(SeededRandom random) : ICertificateIssuer
{
    private const string Prefix = "-----BEGIN SIMULATED ";

    /// <inheritdoc/>
    public CertificateKeyPair CreateRoot(DateTimeOffset now)
    {
        string key = NewKey();
        return new CertificateKeyPair(
            Write("ROOT", Public(key), Seconds(now - ClusterCa.Backdate), Seconds(now.AddYears(20))), Write("KEY", key));
    }

    /// <inheritdoc/>
    public CertificateKeyPair CreateRequest()
    {
        string key = NewKey();
        return new CertificateKeyPair(Write("REQUEST", Public(key)), Write("KEY", key));
    }

    /// <inheritdoc/>
    public void CheckRequest(ByteString requestPem) => _ = Fields(requestPem, "REQUEST", 1, "certificate request");

    /// <inheritdoc/>
    public ByteString Issue(CertificateKeyPair root, NodeCertificateTemplate request)
    {
        if (!IsKeyOf(root.CertificatePem, root.KeyPem))
        {
            throw new SwarmException(SwarmErrorCode.FailedPrecondition, "the root key does not belong to the root certificate");
        }

        string key = Fields(request.RequestPem, "REQUEST", 1, "certificate request")[0];
        string issuer = Fields(root.CertificatePem, "ROOT", 3, "root certificate")[0];
        return Write("CERTIFICATE", key, issuer, request.Organization, SwarmRoleNames.OrganizationalUnit(request.Role), request.NodeId,
            Seconds(request.NotBefore), Seconds(request.NotAfter));
    }

    /// <inheritdoc/>
    public NodeCertificateInfo Read(ByteString certificatePem, ByteString rootPem)
    {
        string[] fields = Fields(certificatePem, "CERTIFICATE", 7, "node certificate");
        if (!SwarmRoleNames.TryParse(fields[3], out NodeRole role))
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument, "this is no certificate of a cluster node");
        }

        bool known = Fields(rootPem, "ROOT", 3, "root certificate")[0] == fields[1];
        return new NodeCertificateInfo(fields[4], role, fields[2], Time(fields[5]), Time(fields[6]),
            ByteString.CopyFromUtf8(SwarmRoleNames.CertificateAuthority), known ? ByteString.CopyFromUtf8(fields[1]) : ByteString.Empty);
    }

    /// <inheritdoc/>
    public void Verify(ByteString certificatePem, ByteString rootPem, DateTimeOffset now)
    {
        string[] fields = Fields(certificatePem, "CERTIFICATE", 7, "node certificate");
        string? problem = Fields(rootPem, "ROOT", 3, "root certificate")[0] != fields[1]
            ? "it was not signed by a root that is trusted here"
            : now < Time(fields[5]) ? $"it is not valid before {Time(fields[5]):u}; check the clocks"
            : now > Time(fields[6]) ? $"it expired at {Time(fields[6]):u}"
            : null;
        if (problem is not null)
        {
            throw new SwarmException(SwarmErrorCode.Unauthenticated, $"the node's certificate is not to be trusted: {problem}");
        }
    }

    /// <inheritdoc/>
    public bool IsKeyOf(ByteString certificatePem, ByteString keyPem)
    {
        string[] certificate = Split(certificatePem);
        string[] key = Split(keyPem);
        return certificate.Length > 1 && key.Length > 1 && key[0] == "KEY" && certificate[1] == Public(key[1]);
    }

    /// <inheritdoc/>
    public byte[] CreateTokenSecret()
    {
        byte[] secret = new byte[JoinToken.SecretBytes];
        random.NextBytes(secret);
        return secret;
    }

    private string NewKey() => random.NextUInt64().ToString("x16", CultureInfo.InvariantCulture);

    private static string Public(string key) => "public-" + new string([.. key.Reverse()]);

    private static string Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static DateTimeOffset Time(string seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(long.Parse(seconds, CultureInfo.InvariantCulture));

    private static ByteString Write(string kind, params string[] fields) =>
        ByteString.CopyFromUtf8($"{Prefix}{kind}-----\n{string.Join('|', fields)}\n-----END SIMULATED {kind}-----\n");

    private static string[] Fields(ByteString pem, string kind, int count, string what)
    {
        string[] parts = Split(pem);
        return parts.Length == count + 1 && parts[0] == kind
            ? parts[1..]
            : throw new SwarmException(SwarmErrorCode.InvalidArgument, $"the {what} is not valid");
    }

    private static string[] Split(ByteString pem)
    {
        string[] lines = Encoding.UTF8.GetString(pem.Span).Split('\n');
        return lines.Length >= 3 && lines[0].StartsWith(Prefix, StringComparison.Ordinal)
            ? [lines[0][Prefix.Length..].TrimEnd('-'), .. lines[1].Split('|')]
            : [];
    }
}
