// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using Swarm.Core;

namespace Swarm.Hosting.Tests;

/// <summary>Where managers are found.</summary>
public sealed class DiscoveryTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Static_GivesWhatItWasGiven() =>
        Assert.Equal(["a:1", "[::1]:2"], await new StaticManagerDiscovery("a:1", "[::1]:2").GetManagersAsync(TestContext.Current.CancellationToken));

    [Theory]
    [InlineData("a")]
    [InlineData(":4242")]
    [InlineData("a:99999")]
    [InlineData("a:-1")]
    public void Static_NoAddress_IsRefusedWithItsText(string text)
    {
        SwarmException e = Assert.Throws<SwarmException>(() => new StaticManagerDiscovery("fine:1", text));

        Assert.Contains($"'{text}'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dns_EachAddressIsAManager_InOneOrder()
    {
        IPAddress[] answer = [IPAddress.Parse("10.0.0.2"), IPAddress.Parse("fd00::1"), IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.1")];
        var discovery = new DnsManagerDiscovery("managers", 4242, (name, _) => Task.FromResult(name == "managers" ? answer : []));

        Assert.Equal(["10.0.0.1:4242", "10.0.0.2:4242", "[fd00::1]:4242"], await discovery.GetManagersAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(SocketError.HostNotFound)]
    [InlineData(SocketError.NoData)]
    public async Task Dns_NameWithoutAddresses_HasNoManagers(SocketError error)
    {
        var discovery = new DnsManagerDiscovery("managers", 4242, (_, _) => Task.FromException<IPAddress[]>(new SocketException((int)error)));

        Assert.Empty(await discovery.GetManagersAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Dns_ResolverThatFails_IsUnavailable()
    {
        var discovery = new DnsManagerDiscovery(
            "managers", 4242, (_, _) => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.TryAgain)));

        SwarmException e = await Assert.ThrowsAsync<SwarmException>(() => discovery.GetManagersAsync(TestContext.Current.CancellationToken).AsTask());

        Assert.Equal(SwarmErrorCode.Unavailable, e.Code);
    }

    [Fact]
    public async Task File_IsReadAnewEachTime_AndMayBeMissing()
    {
        string path = _temporary.At("managers");
        var discovery = new FileManagerDiscovery(path);
        Assert.Empty(await discovery.GetManagersAsync(TestContext.Current.CancellationToken));

        await File.WriteAllTextAsync(path, "# ours\n\n a:1  # first\nb:2\n", TestContext.Current.CancellationToken);
        Assert.Equal(["a:1", "b:2"], await discovery.GetManagersAsync(TestContext.Current.CancellationToken));

        await File.WriteAllTextAsync(path, "c:3", TestContext.Current.CancellationToken);
        Assert.Equal(["c:3"], await discovery.GetManagersAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task File_WithALineThatIsNoAddress_NamesTheLine()
    {
        string path = _temporary.At("managers");
        await File.WriteAllTextAsync(path, "a:1\nnonsense\n", TestContext.Current.CancellationToken);

        SwarmException e = await Assert.ThrowsAsync<SwarmException>(
            () => new FileManagerDiscovery(path).GetManagersAsync(TestContext.Current.CancellationToken).AsTask());

        Assert.Equal(SwarmErrorCode.InvalidArgument, e.Code);
        Assert.Contains($"{path}, line 2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_ThatIsTooLarge_IsRefused()
    {
        string path = _temporary.At("managers");
        await File.WriteAllTextAsync(path, new string('#', FileManagerDiscovery.FileBytesMax + 1), TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<SwarmException>(() => new FileManagerDiscovery(path).GetManagersAsync(TestContext.Current.CancellationToken).AsTask());
    }
}
