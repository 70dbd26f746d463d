// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Swarm.Core;

namespace Swarm.Rpc.Tests;

public class RpcAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:4242", "127.0.0.1:4242")]
    [InlineData("[::1]:4242", "[::1]:4242")]
    [InlineData("manager-1.example:4242", "Unspecified/manager-1.example:4242")]
    [InlineData("unix:///run/s.sock", "/run/s.sock")]
    public void Parse_Good_IsTaken(string address, string expected) => Assert.Equal(expected, RpcAddress.Parse(address).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("host")]
    [InlineData("host:")]
    [InlineData(":4242")]
    [InlineData("host:70000")]
    [InlineData("http://host:1")]
    [InlineData("unix://")]
    public void Parse_Bad_IsRefused(string address) =>
        Assert.Equal(SwarmErrorCode.InvalidArgument, Assert.Throws<SwarmException>(() => RpcAddress.Parse(address)).Code);

    [Theory]
    [InlineData("0.0.0.0:4242", "0.0.0.0:4242")]
    [InlineData(":4242", "0.0.0.0:4242")]
    [InlineData("localhost:0", "127.0.0.1:0")]
    public void ParseListen_Good_IsTaken(string address, string expected) =>
        Assert.Equal(IPEndPoint.Parse(expected), RpcAddress.ParseListen(address));

    [Theory]
    [InlineData("4242")]
    [InlineData("host:4242")]
    [InlineData("0.0.0.0")]
    public void ParseListen_Bad_IsRefused(string address) => Assert.Throws<SwarmException>(() => RpcAddress.ParseListen(address));
}
