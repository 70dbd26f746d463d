// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Swarm.Core;

namespace Swarm.Runtime.Docker.Tests.Engine;

public sealed class EngineTlsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("swarm-").FullName;
    private readonly X509Certificate2 _authority = NewAuthority("authority");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Describe_EngineThatWantsACertificate_GetsTheOneOfTheFiles()
    {
        string? caller = null;
        PutAuthority(_authority);
        PutCaller(_authority, "me");
        await using FakeEngine fake = Engine(name => caller = name);

        Assert.Equal("host", await DescribeAsync(fake));
        Assert.Equal("CN=me", caller);
        Assert.All(fake.Calls, call => Assert.Equal($"localhost:{fake.Endpoint.Port}", call.Headers["Host"]));
    }

    [Fact]
    public async Task Describe_HttpsEndpoint_SpeaksTls()
    {
        PutAuthority(_authority);
        PutCaller(_authority, "me");
        await using FakeEngine fake = Engine();

        Assert.Equal("host", await DescribeAsync(fake, new UriBuilder(fake.Endpoint) { Scheme = "https" }.Uri));
    }

    [Fact]
    public async Task Describe_EngineOfAnotherAuthority_IsNotTrusted()
    {
        using X509Certificate2 other = NewAuthority("other");
        PutAuthority(other);
        PutCaller(_authority, "me");
        await using FakeEngine fake = Engine();

        string text = await ErrorAsync(fake);
        Assert.Contains("cannot be reached: its certificate is not accepted: ", text, StringComparison.Ordinal);
        Assert.Contains("DOCKER_CERT_PATH", text, StringComparison.Ordinal);
        Assert.Empty(fake.Calls);
    }

    [Fact]
    public async Task Describe_EngineOfAnotherName_IsNotTrusted()
    {
        PutAuthority(_authority);
        PutCaller(_authority, "me");
        await using FakeEngine fake = Engine(name: "elsewhere");

        Assert.Contains("its certificate is not accepted: ", await ErrorAsync(fake), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describe_EngineThatWantsACertificateAndGetsNone_SaysWhatIsMissing()
    {
        PutAuthority(_authority);
        await using FakeEngine fake = Engine();

        string text = await ErrorAsync(fake);
        Assert.Contains("cannot be reached: ", text, StringComparison.Ordinal);
        Assert.Contains("cert.pem and key.pem", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describe_EngineThatSpeaksNoTls_SaysSo()
    {
        PutAuthority(_authority);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task answer = AnswerAsync();
        await using var executor = new DockerExecutor(new DockerExecutorOptions
        {
            Endpoint = new Uri($"tcp://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}"), CertificateDirectory = _directory,
        });

        Assert.Contains("does not speak TLS", await ErrorOfAsync(executor), StringComparison.Ordinal);
        await answer;

        async Task AnswerAsync()
        {
            using TcpClient caller = await listener.AcceptTcpClientAsync(Cancel);
            await caller.GetStream().ReadExactlyAsync(new byte[1], Cancel);
            await caller.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), Cancel);
        }
    }

    [Fact]
    public async Task Describe_PlainCallOfAnEngineWithTls_SaysWhatToSet()
    {
        await using var fake = new FakeEngine(
            static call => call.RawAsync("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"), isTcp: true)
        {
            HangsOnVersion = true,
        };
        DockerExecutorOptions options = fake.Options();
        await using var executor = new DockerExecutor(options);

        SwarmException error = await Assert.ThrowsAsync<SwarmException>(() => executor.DescribeAsync(Cancel));
        Assert.Equal(SwarmErrorCode.Unavailable, error.Code);
        Assert.Contains("it speaks TLS; set DOCKER_TLS_VERIFY and DOCKER_CERT_PATH", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "there is no such directory")]
    [InlineData("cert.pem", "there is cert.pem but no key.pem")]
    [InlineData("key.pem", "there is key.pem but no cert.pem")]
    [InlineData("ca.pem", "there is no certificate in ca.pem")]
    public async Task Describe_FilesThatCannotBeUsed_AreNamed(string? file, string text)
    {
        string directory = file is null ? Path.Combine(_directory, "none") : _directory;
        if (file is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(_directory, file), "what?", Cancel);
        }

        await using var executor = new DockerExecutor(
            new DockerExecutorOptions { Endpoint = new Uri("tcp://localhost"), CertificateDirectory = directory });

        SwarmException error = await Assert.ThrowsAsync<SwarmException>(() => executor.DescribeAsync(Cancel));
        Assert.Equal(SwarmErrorCode.FailedPrecondition, error.Code);
        Assert.Contains($"the certificates for the Docker Engine in {directory} cannot be used: {text}", error.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static X509Certificate2 NewAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
    }

    private static X509Certificate2 New(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 signed = request.Create(
            authority, DateTimeOffset.UtcNow.AddMinutes(-30), DateTimeOffset.UtcNow.AddMinutes(30), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    private static async Task<string> ErrorOfAsync(DockerExecutor executor)
    {
        SwarmException error = await Assert.ThrowsAsync<SwarmException>(() => executor.DescribeAsync(Cancel));
        Assert.Equal(SwarmErrorCode.Unavailable, error.Code);
        return error.Message;
    }

    private FakeEngine Engine(Action<string?>? caller = null, string name = "localhost") => new(
        static call => call.JsonAsync("""{"Name":"host","NCPU":2}"""),
        tls: new SslServerAuthenticationOptions
        {
            ServerCertificate = New(_authority, name),
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                caller?.Invoke(certificate?.Subject);
                return certificate is not null;
            },
        });

    private void PutAuthority(X509Certificate2 authority) =>
        File.WriteAllText(Path.Combine(_directory, "ca.pem"), authority.ExportCertificatePem());

    private void PutCaller(X509Certificate2 authority, string name)
    {
        using X509Certificate2 own = New(authority, name);
        using ECDsa key = own.GetECDsaPrivateKey()!;
        File.WriteAllText(Path.Combine(_directory, "cert.pem"), own.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_directory, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    private async Task<string> DescribeAsync(FakeEngine fake, Uri? endpoint = null)
    {
        await using var executor = new DockerExecutor(Options(fake, endpoint));
        return (await executor.DescribeAsync(Cancel)).Hostname;
    }

    private async Task<string> ErrorAsync(FakeEngine fake)
    {
        await using var executor = new DockerExecutor(Options(fake, null));
        return await ErrorOfAsync(executor);
    }

    private DockerExecutorOptions Options(FakeEngine fake, Uri? endpoint)
    {
        DockerExecutorOptions options = fake.Options();
        options.Endpoint = endpoint ?? options.Endpoint;
        options.CertificateDirectory = _directory;
        return options;
    }
}
