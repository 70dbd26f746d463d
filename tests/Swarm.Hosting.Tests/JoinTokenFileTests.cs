// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Hosting.Tests;

/// <summary>The file through which nodes of a declared cluster share their token.</summary>
public sealed class JoinTokenFileTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();
    private readonly OperatingSystemCertificateIssuer _issuer = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Publish_IsRead_AndReadableByItsOwnerOnly()
    {
        var file = new JoinTokenFile(_temporary.At("new/place/token"));
        string token = NewCa().CreateToken().Text;
        Assert.Null(await file.GetTokenAsync(TestContext.Current.CancellationToken));

        await file.PublishAsync(token, TestContext.Current.CancellationToken);

        Assert.Equal(token, await file.GetTokenAsync(TestContext.Current.CancellationToken));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.FullPath));
        }
    }

    [Fact]
    public async Task Publish_NewTokenOfTheSameCluster_Replaces()
    {
        var file = new JoinTokenFile(_temporary.At("token"));
        ClusterCa ca = NewCa();
        string second = ca.CreateToken().Text;
        await file.PublishAsync(ca.CreateToken().Text, TestContext.Current.CancellationToken);

        await file.PublishAsync(second, TestContext.Current.CancellationToken);

        Assert.Equal(second, await file.GetTokenAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Publish_TokenOfAnotherCluster_IsRefused_AndTheFirstStays()
    {
        var file = new JoinTokenFile(_temporary.At("token"));
        string first = NewCa().CreateToken().Text;
        await file.PublishAsync(first, TestContext.Current.CancellationToken);

        SwarmException e = await Assert.ThrowsAsync<SwarmException>(
            () => file.PublishAsync(NewCa().CreateToken().Text, TestContext.Current.CancellationToken).AsTask());

        Assert.Equal(SwarmErrorCode.FailedPrecondition, e.Code);
        Assert.Contains("another cluster", e.Message, StringComparison.Ordinal);
        Assert.Equal(first, await file.GetTokenAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    public async Task Get_EmptyFile_IsNoTokenYet(string text)
    {
        var file = new JoinTokenFile(_temporary.At("token"));
        await File.WriteAllTextAsync(file.FullPath, text, TestContext.Current.CancellationToken);

        Assert.Null(await file.GetTokenAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Get_NoToken_SaysSo()
    {
        var file = new JoinTokenFile(_temporary.At("token"));
        await File.WriteAllTextAsync(file.FullPath, "let me in", TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<SwarmException>(() => file.GetTokenAsync(TestContext.Current.CancellationToken).AsTask());
    }

    private ClusterCa NewCa() => ClusterCa.Create(_issuer, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
}
