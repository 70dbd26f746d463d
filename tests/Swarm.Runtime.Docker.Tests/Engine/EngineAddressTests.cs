// SPDX-License-Identifier: Apache-2.0
using Swarm.Runtime.Docker.Engine;

namespace Swarm.Runtime.Docker.Tests.Engine;

public class EngineAddressTests
{
    private static readonly string Home = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker");

    [Theory]
    [InlineData("tcp://host", null, "http://host:2375/")]
    [InlineData("tcp://host/", "1", "https://host:2376/")]
    [InlineData("tcp://host:2375", "1", "https://host:2375/")]
    [InlineData("tcp://host:80", null, "http://host:80/")]
    [InlineData("tcp://[::1]", null, "http://[::1]:2375/")]
    [InlineData("tcp://host/prefix", null, "http://host:2375/prefix")]
    [InlineData("http://host:2375", "1", "http://host:2375/")]
    [InlineData("https://host:2376", null, "https://host:2376/")]
    [InlineData("https://host", null, "https://host:443/")]
    [InlineData("unix:///run/x.sock", "1", "http://docker/")]
    public void Of_Endpoint_IsReadAsDockersClientReadsIt(string endpoint, string? verify, string http)
    {
        EngineAddress address = EngineAddress.Of(new Uri(endpoint), null, name => name == "DOCKER_TLS_VERIFY" ? verify : null);

        Assert.Equal(new Uri(http), address.Http);
        Assert.Equal(endpoint.StartsWith("unix", StringComparison.Ordinal) ? "/run/x.sock" : null, address.SocketPath);
        Assert.Equal(http.StartsWith("https", StringComparison.Ordinal) ? Home : null, address.Certificates);
        Assert.False(address.IsCertificatesGiven);
    }

    [Theory]
    [InlineData(null, "/set", "/set")]
    [InlineData("/given", "/set", "/given")]
    [InlineData("/given", null, "/given")]
    public void Of_CertificatesNamed_AreThose(string? given, string? set, string expected)
    {
        EngineAddress address = EngineAddress.Of(new Uri("tcp://host"), given, name => name == "DOCKER_CERT_PATH" ? set : "1");

        Assert.Equal(expected, address.Certificates);
        Assert.True(address.IsCertificatesGiven);
    }

    [Fact]
    public void Of_CertificatesInTheEnvironmentAlone_MakeNoTls() =>
        Assert.Null(EngineAddress.Of(new Uri("tcp://host"), null, static name => name == "DOCKER_CERT_PATH" ? "/set" : null).Certificates);

    [Theory]
    [InlineData("unix:///run/x.sock", true)]
    [InlineData("tcp://host", true)]
    [InlineData("https://host:2376", true)]
    [InlineData("unix:///", false)]
    [InlineData("npipe://./pipe/docker", false)]
    [InlineData("ssh://user@host", false)]
    public void IsKnown_TellsWhatCanBeSpokenTo(string endpoint, bool expected) => Assert.Equal(expected, EngineAddress.IsKnown(new Uri(endpoint)));
}
