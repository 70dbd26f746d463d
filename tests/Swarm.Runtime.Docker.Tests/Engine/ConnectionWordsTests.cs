// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using Swarm.Core;
using Swarm.Runtime.Docker.Engine;

namespace Swarm.Runtime.Docker.Tests.Engine;

public sealed class ConnectionWordsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("swarm-").FullName;

    private static readonly EngineAddress Local = EngineAddress.Of(new Uri("unix:///x"), null, static _ => null);

    private string SocketPath => Path.Combine(_directory, "s");

    [Fact]
    public async Task Describe_NoSocket_SaysSoAndWhatToDo()
    {
        string text = await ErrorAsync(new Uri("unix://" + SocketPath));

        Assert.StartsWith(
            $"the Docker Engine at unix://{SocketPath} cannot be reached: there is no such socket; is the engine running?", text,
            StringComparison.Ordinal);
        Assert.Contains("DOCKER_HOST", text, StringComparison.Ordinal);
        Assert.Contains("DockerExecutorOptions.Endpoint", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describe_SocketNobodyListensAt_SaysSo()
    {
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(SocketPath));
            Assert.Contains(
                "cannot be reached: its socket exists, but nothing answers there; is the engine running?",
                await ErrorAsync(new Uri("unix://" + SocketPath)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Describe_PortNobodyListensAt_SaysSo()
    {
        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        free.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        Assert.Contains(
            "cannot be reached: nothing answers at that port", await ErrorAsync(new Uri($"tcp://{free.LocalEndPoint}")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SocketError.AccessDenied, "permission to its socket is denied; run this program as root or as a member of the socket's group")]
    [InlineData(SocketError.HostNotFound, "the name of its host cannot be resolved")]
    [InlineData(SocketError.TimedOut, "its host does not answer")]
    [InlineData(SocketError.ConnectionReset, "it broke the connection off")]
    public void Of_ErrorsOfSockets_AreSaidInWordsOfEngines(SocketError error, string text) => Assert.StartsWith(
        text, ConnectionWords.Of(Local, new HttpRequestException("x", new IOException("y", new SocketException((int)error)))),
        StringComparison.Ordinal);

    [Fact]
    public void Of_WhatNobodyKnows_IsTheInnermostText() => Assert.Equal(
        "inner", ConnectionWords.Of(Local, new HttpRequestException("outer", new IOException("inner"))));

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static async Task<string> ErrorAsync(Uri endpoint)
    {
        await using var executor = new DockerExecutor(new DockerExecutorOptions { Endpoint = endpoint });
        SwarmException error = await Assert.ThrowsAsync<SwarmException>(() => executor.DescribeAsync(TestContext.Current.CancellationToken));
        Assert.Equal(SwarmErrorCode.Unavailable, error.Code);
        return error.Message;
    }
}
