// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Docker.Engine;

/// <summary>Where an engine listens and how it is spoken to: what an endpoint and the environment come to, read as Docker's own client does.</summary>
/// <param name="Http">The address to make calls to.</param>
/// <param name="SocketPath">The unix socket that calls go through; null for TCP.</param>
/// <param name="Certificates">The directory of ca.pem, cert.pem and key.pem; null for no TLS.</param>
/// <param name="IsCertificatesGiven">Whether somebody named that directory, so that it has to be there.</param>
internal sealed record EngineAddress(Uri Http, string? SocketPath, string? Certificates, bool IsCertificatesGiven)
{
    public const string HostVariable = "DOCKER_HOST";
    public const string TlsVariable = "DOCKER_TLS_VERIFY";
    public const string CertificatesVariable = "DOCKER_CERT_PATH";

    private const int PlainPort = 2375;
    private const int TlsPort = 2376;

    public static bool IsKnown(Uri endpoint) => endpoint.Scheme switch
    {
        "unix" => endpoint.LocalPath.Length > 1,
        "tcp" or "http" or "https" => endpoint.Host.Length > 0,
        _ => false,
    };

    /// <param name="endpoint">What the options or DOCKER_HOST say.</param>
    /// <param name="certificates">What the options say about certificates.</param>
    /// <param name="variable">The environment.</param>
    public static EngineAddress Of(Uri endpoint, string? certificates, Func<string, string?> variable)
    {
        if (endpoint.Scheme == "unix")
        {
            return new EngineAddress(new Uri("http://docker"), endpoint.LocalPath, null, false);
        }

        bool isTls = endpoint.Scheme == "https"
            || (endpoint.Scheme == "tcp" && (certificates is not null || variable(TlsVariable) is { Length: > 0 }));
        int port = endpoint.Port > 0 ? endpoint.Port : isTls ? TlsPort : PlainPort;
        Uri http = new UriBuilder(isTls ? "https" : "http", endpoint.Host, port, endpoint.AbsolutePath).Uri;
        if (!isTls)
        {
            return new EngineAddress(http, null, null, false);
        }

        certificates ??= variable(CertificatesVariable) is { Length: > 0 } set ? set : null;
        return new EngineAddress(
            http, null,
            certificates ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker"),
            certificates is not null);
    }
}
