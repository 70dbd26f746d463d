// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Samples.Swarmctl.Flags;
using MountType = Swarm.Api.Mount.Types.Type;
using PublishMode = Swarm.Api.PortConfig.Types.PublishMode;

namespace Swarm.Client.Tests.Swarmctl;

public sealed class ParseTests
{
    [Theory]
    [InlineData("a", "a")]
    [InlineData("a,b", "a|b")]
    [InlineData("\"a,b\",c", "a,b|c")]
    [InlineData("\"say \"\"x\"\"\"", "say \"x\"")]
    [InlineData("A=\"x\"", "A=\"x\"")]
    [InlineData("", "")]
    public void Split_AtCommas_QuotesKeepThem(string text, string parts) => Assert.Equal(parts.Split('|'), Parse.Split(text));

    [Fact]
    public void Split_OpenQuote_IsRefused() => Assert.Throws<SwarmException>(static () => Parse.Split("\"a,b"));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("4096", 4096)]
    [InlineData("512m", 536_870_912)]
    [InlineData("1GiB", 1_073_741_824)]
    [InlineData("1.5kb", 1536)]
    [InlineData("2 T", 2_199_023_255_552)]
    public void Bytes_Size_IsRead(string text, long bytes) => Assert.Equal(bytes, Parse.Bytes(text));

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("-1")]
    [InlineData("12x")]
    [InlineData("9999999p")]
    public void Bytes_NoSize_IsRefused(string text) => Assert.Throws<SwarmException>(() => Parse.Bytes(text));

    [Theory]
    [InlineData("0.5", 500_000_000)]
    [InlineData("2", 2_000_000_000)]
    public void NanoCpus_Number_IsRead(string text, long nanos) => Assert.Equal(nanos, Parse.NanoCpus(text));

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("0.0000000001")]
    public void NanoCpus_NoNumber_IsRefused(string text) => Assert.Throws<SwarmException>(() => Parse.NanoCpus(text));

    [Theory]
    [InlineData("web:80", "web", 80, 0, PortConfig.Types.Protocol.Tcp, PublishMode.Ingress)]
    [InlineData("dns:53/udp:5353", "dns", 53, 5353, PortConfig.Types.Protocol.Udp, PublishMode.Ingress)]
    [InlineData("target=80;published=8080;mode=host;protocol=sctp;name=w", "w", 80, 8080, PortConfig.Types.Protocol.Sctp, PublishMode.Host)]
    public void Port_BothForms_AreRead(
        string text, string name, uint target, uint published, PortConfig.Types.Protocol protocol, PublishMode mode) => Assert.Equal(
            new PortConfig { Name = name, TargetPort = target, PublishedPort = published, Protocol = protocol, PublishMode = mode },
            PortFlag.Read(text));

    [Theory]
    [InlineData("80")]
    [InlineData("web:eighty")]
    [InlineData("web:80/icmp")]
    [InlineData("web:80/tcp:80/udp")]
    [InlineData("web:70000")]
    [InlineData("target=80;mode=both")]
    [InlineData("aim=80")]
    public void Port_NeitherForm_IsRefused(string text) => Assert.Throws<SwarmException>(() => PortFlag.Read(text));

    [Fact]
    public void Mount_Forms_AreRead()
    {
        Assert.Equal(new Mount { Type =
            MountType.Bind, Source = "/a", Target = "/b", Readonly = true }, MountFlag.Read(MountType.Bind, "/a:/b:ro"));
        Mount tmpfs = MountFlag.Tmpfs("/t:size=64m;mode=1777;ro");
        Assert.True(tmpfs.Readonly);
        Assert.Equal(64 << 20, tmpfs.TmpfsOptions.SizeBytes);
        Assert.Equal((1u << 20) | 0x1FF, tmpfs.TmpfsOptions.Mode);
    }

    [Theory]
    [InlineData("/a")]
    [InlineData("/a:/b:rx")]
    [InlineData(":/b")]
    public void Mount_OtherForms_AreRefused(string text) =>
        Assert.Throws<SwarmException>(() => MountFlag.Read(MountType.Volume, text));

    [Theory]
    [InlineData(":size=1")]
    [InlineData("/t:depth=3")]
    [InlineData("/t:mode=9")]
    [InlineData("/t:mode=7777")]
    public void Tmpfs_OtherForms_AreRefused(string text) => Assert.Throws<SwarmException>(() => MountFlag.Tmpfs(text));
}
