// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Docker.Tests;

public sealed class DockerExecutorOptionsTests
{
    [Fact]
    public void Validate_Defaults_AreFine() => new DockerExecutorOptions().Validate();

    public static TheoryData<string, Action<DockerExecutorOptions>> Wrong => new()
    {
        { "Endpoint", o => o.Endpoint = new Uri("ftp://host/") },
        { "Endpoint", o => o.Endpoint = new Uri("unix:///") },
        { "CertificateDirectory", o => o.CertificateDirectory = "here" },
        { "CertificateDirectory", o => (o.CertificateDirectory, o.Endpoint) = ("/certs", new Uri("http://host:2375")) },
        { "ApiVersion", o => o.ApiVersion = "1.23" },
        { "ApiVersion", o => o.ApiVersion = "new" },
        { "PullStallTimeout", o => o.PullStallTimeout = TimeSpan.Zero },
        { "CallTimeout", o => o.CallTimeout = TimeSpan.FromDays(1) },
        { "ReconnectDelay", o => o.ReconnectDelay = TimeSpan.Zero },
        { "StopGracePeriod", o => o.StopGracePeriod = TimeSpan.FromSeconds(-1) },
        { "SecretsDirectory", o => o.SecretsDirectory = "here" },
        { "LogLineBytesMax", o => o.LogLineBytesMax = 1 },
        { "ConcurrentStartsMax", o => o.ConcurrentStartsMax = 0 },
        { "ConcurrentPullsMax", o => o.ConcurrentPullsMax = 0 },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Validate_OutOfRange_NamesTheSetting(string name, Action<DockerExecutorOptions> change)
    {
        var options = new DockerExecutorOptions();
        change(options);

        Assert.Contains($"DockerExecutorOptions.{name} ", Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }
}
