// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Hosting.Tests;

/// <summary>Wrong options are refused with a line that says what to do.</summary>
public sealed class SwarmNodeOptionsTests
{
    private static readonly string Token = ClusterCa.Create(new OperatingSystemCertificateIssuer(), DateTimeOffset.UnixEpoch).CreateToken().Text;

    public static TheoryData<string, string> Refused => new()
    {
        { "state", "no state directory" },
        { "no token", "a join token is needed to join 127.0.0.1:4242: get one with 'swarmctl cluster inspect default'" },
        { "no address", "a join token without the address of a manager to join" },
        { "bad token", "join token" },
        { "join address", "'manager' is not an address of the form HOST:PORT (--join-addr)" },
        { "join port", "'manager:65536' is not an address of the form HOST:PORT (--join-addr)" },
        { "listen", "'0.0.0.0' is not an address of the form HOST:PORT (--listen-remote-api)" },
        { "advertise", "':4242' is not an address of the form HOST:PORT (--advertise-remote-api)" },
        { "socket", "the path of the control socket has 108 bytes, 107 is the limit of the system" },
        { "timeout", "StartTimeout must be more than zero" },
    };

    [Fact]
    public void Validate_Defaults_AreAccepted() => new SwarmNodeOptions().Validate();

    [Fact]
    public void Validate_EverythingGiven_IsAccepted() => new SwarmNodeOptions
    {
        StateDirectory = "/tmp/x",
        JoinAddress = "manager:4242",
        JoinToken = Token,
        ListenRemoteApi = "[::]:4242",
        ListenControlApi = new string('s', SwarmNodeOptions.SocketPathMax),
        AdvertiseRemoteApi = "example.org:1",
    }.Validate();

    [Theory]
    [MemberData(nameof(Refused))]
    public void Validate_WrongValue_IsRefusedWithOneClearLine(string what, string message)
    {
        SwarmException e = Assert.Throws<SwarmException>(Wrong(what).Validate);

        Assert.Equal(SwarmErrorCode.InvalidArgument, e.Code);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    private static SwarmNodeOptions Wrong(string what) => what switch
    {
        "state" => new() { StateDirectory = "" },
        "no token" => new() { JoinAddress = "127.0.0.1:4242" },
        "no address" => new() { JoinToken = Token },
        "bad token" => new() { JoinAddress = "127.0.0.1:4242", JoinToken = Token[..^3] },
        "join address" => new() { JoinAddress = "manager", JoinToken = Token },
        "join port" => new() { JoinAddress = "manager:65536", JoinToken = Token },
        "listen" => new() { ListenRemoteApi = "0.0.0.0" },
        "advertise" => new() { AdvertiseRemoteApi = ":4242" },
        "socket" => new() { ListenControlApi = new string('s', SwarmNodeOptions.SocketPathMax + 1) },
        "timeout" => new() { StartTimeout = TimeSpan.Zero },
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, null),
    };
}
