// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using Grpc.Core;
using Swarm.Core;

namespace Swarm.Rpc.Tests;

public sealed class RpcErrorsTests
{
    [Theory]
    [InlineData("Error starting gRPC call. HttpRequestException: Broken off. SocketException: Connection reset by peer")]
    [InlineData("Error reading next message. HttpRequestException: Broken off. SocketException: Connection reset by peer")]
    public void ToSwarmException_TextOfTheLibrary_IsOneLineThatNamesTheLastCause(string detail)
    {
        var last = new SocketException((int)SocketError.ConnectionReset);
        var cause = new HttpRequestException("Broken\noff", new IOException("outer", last));
        SwarmException error = RpcErrors.ToSwarmException(new RpcException(new Status(StatusCode.Unavailable, detail, cause)));
        Assert.Equal((SwarmErrorCode.Unavailable, $"the connection broke: {last.Message}"), (error.Code, error.Message));
    }

    [Fact]
    public void ToSwarmException_CauseIsOneOfOurs_SpeaksForItself()
    {
        var ours = new SwarmException(SwarmErrorCode.Unauthenticated, "the server at x is not to be trusted: why");
        var cause = new HttpRequestException("raw", ours);
        var status = new Status(StatusCode.Internal, "Error starting gRPC call. HttpRequestException: raw", cause);
        Assert.Same(ours, RpcErrors.ToSwarmException(new RpcException(status)));
    }

    [Theory]
    [InlineData("session invalid", "session invalid")]
    [InlineData("", "NotFound")]
    public void ToSwarmException_AnswerOfTheServer_IsPassedOn(string detail, string expected)
    {
        SwarmException error = RpcErrors.ToSwarmException(new RpcException(new Status(StatusCode.NotFound, detail)));
        Assert.Equal((SwarmErrorCode.NotFound, expected), (error.Code, error.Message));
    }
}
