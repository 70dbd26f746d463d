// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Docker.DotNet.Handler.Abstractions;
using Swarm.Core;

namespace Swarm.Runtime.Docker.Engine;

/// <summary>
/// TLS to an engine, by the files that Docker's own client uses: ca.pem says whom to trust (without it, whom the system trusts), cert.pem and
/// key.pem say who calls. The engine's certificate is always checked, and for its name too.
/// </summary>
internal sealed class EngineTls : IAuthProvider
{
    public static EngineTls Instance { get; } = new();

    public bool TlsEnabled => true;

    // The handler has what it needs by then.
    public HttpMessageHandler ConfigureHandler(HttpMessageHandler handler) => handler;

    /// <exception cref="SwarmException">FailedPrecondition: the files are not there or cannot be used.</exception>
    public static SslClientAuthenticationOptions Options(string directory, bool isGiven)
    {
        string authorities = Path.Combine(directory, "ca.pem");
        string certificate = Path.Combine(directory, "cert.pem");
        string key = Path.Combine(directory, "key.pem");
        if (isGiven && !Directory.Exists(directory))
        {
            throw Unusable(directory, "there is no such directory");
        }

        if (File.Exists(certificate) != File.Exists(key))
        {
            throw Unusable(directory, File.Exists(key) ? "there is key.pem but no cert.pem" : "there is cert.pem but no key.pem");
        }

        try
        {
            var options = new SslClientAuthenticationOptions();
            if (File.Exists(authorities))
            {
                options.CertificateChainPolicy = Trust(authorities);
            }

            if (File.Exists(certificate))
            {
                options.ClientCertificateContext = Caller(certificate, key);
            }

            return options;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw Unusable(directory, e.Message, e);
        }
    }

    /// <summary>Why TLS did not come about; null if <paramref name="error"/> is about something else.</summary>
    public static string? WordsOf(Exception error)
    {
        bool isTls = false;
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            isTls |= cause is AuthenticationException or HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError };
            if (cause is AuthenticationException && cause.Message.StartsWith("The remote certificate", StringComparison.Ordinal))
            {
                return $"its certificate is not accepted: {cause.Message} Whom to trust is in ca.pem in the directory that "
                    + $"{EngineAddress.CertificatesVariable} or DockerExecutorOptions.{nameof(DockerExecutorOptions.CertificateDirectory)} names";
            }

            // The alert of a side that refuses, as it comes with the first answer.
            if (cause.GetType().Name == "SslException" || (cause.InnerException is null && isTls))
            {
                return $"TLS with it fails: {cause.Message}. It needs a certificate of the caller (cert.pem and key.pem), refuses the one it got, "
                    + "or does not speak TLS";
            }
        }

        return null;
    }

    private static X509ChainPolicy Trust(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy.CustomTrustStore.Count > 0 ? policy : throw new CryptographicException("there is no certificate in ca.pem");
    }

    private static SslStreamCertificateContext Caller(string certificate, string key)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificate);
        X509Certificate2 own = X509Certificate2.CreateFromPemFile(certificate, key);
        if (OperatingSystem.IsWindows())
        {
            // Its TLS takes no key that is in memory alone.
            own = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null);
        }

        return SslStreamCertificateContext.Create(own, chain, offline: true);
    }

    private static SwarmException Unusable(string directory, string why, Exception? cause = null) => new(
        SwarmErrorCode.FailedPrecondition, $"the certificates for the Docker Engine in {directory} cannot be used: {why}", cause);
}
