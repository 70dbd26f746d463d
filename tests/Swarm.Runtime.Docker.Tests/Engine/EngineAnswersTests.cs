// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using Swarm.Core;
using Swarm.Runtime.Docker.Engine;

namespace Swarm.Runtime.Docker.Tests.Engine;

public class EngineAnswersTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "1.41", "v1.41")]
    [InlineData(null, "1.24", "v1.24")]
    [InlineData(null, "1.99", "v1.51")]
    [InlineData("1.30", "1.41", "v1.30")]
    public async Task Describe_SpeaksTheVersionBothKnow(string? forced, string engine, string spoken)
    {
        await using var fake = new FakeEngine(static call => call.JsonAsync("""{"Name":"host","NCPU":2}""")) { ApiVersion = engine };
        DockerExecutorOptions options = fake.Options();
        options.ApiVersion = forced;
        await using var executor = new DockerExecutor(options);

        Assert.Equal("host", (await executor.DescribeAsync(Cancel)).Hostname);
        Assert.Equal([null, spoken], fake.Calls.Select(static call => call.Version));
    }

    [Theory]
    [InlineData(null, "1.23", "is too old: it has API 1.23, needed is 1.24")]
    [InlineData("1.42", "1.41", "has API 1.12 to 1.41, but 1.42 is asked for")]
    public async Task Describe_NoVersionInCommon_IsRefused(string? forced, string engine, string text)
    {
        await using var fake = new FakeEngine(static call => call.JsonAsync("{}")) { ApiVersion = engine };
        DockerExecutorOptions options = fake.Options();
        options.ApiVersion = forced;
        await using var executor = new DockerExecutor(options);

        SwarmException error = await Assert.ThrowsAsync<SwarmException>(() => executor.DescribeAsync(Cancel));
        Assert.Equal(SwarmErrorCode.FailedPrecondition, error.Code);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "cannot be reached")]
    [InlineData("garbage\r\n\r\n", "what answers there is no Docker Engine")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"Name\":", "in the middle of its answer")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"Na", "in the middle of its answer")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n<htm>", "what answers there is no Docker Engine")]
    [InlineData("HTTP/1.1 503 X\r\nContent-Length: 7\r\n\r\nstarting", "startin")]
    public async Task Describe_NoWholeAnswer_IsALostEngineSaidInWords(string answer, string text)
    {
        await using var fake = new FakeEngine(call => call.RawAsync(answer));
        await using var executor = new DockerExecutor(fake.Options());

        SwarmException error = await Assert.ThrowsAsync<SwarmException>(() => executor.DescribeAsync(Cancel));
        Assert.Equal(SwarmErrorCode.Unavailable, error.Code);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_EngineThatDoesNotAnswer_IsAskedOnceForAllWhoWait()
    {
        await using var fake = new FakeEngine(static call => call.HangAsync()) { HangsOnVersion = true };
        DockerExecutorOptions options = fake.Options();
        options.CallTimeout = TimeSpan.FromSeconds(1);
        using var access = new EngineAccess(options, TimeProvider.System);

        Task<EngineSession>[] calls = [.. Enumerable.Range(0, 8).Select(_ => access.ConnectAsync(Cancel))];

        foreach (Task<EngineSession> call in calls)
        {
            Assert.Contains("no answer within 1 s", (await Assert.ThrowsAsync<SwarmException>(() => call)).Message, StringComparison.Ordinal);
        }

        Assert.Single(fake.Calls);
    }

    [Fact]
    public void TcpSocket_NoticesAPeerThatIsGone()
    {
        using Socket socket = EngineTransport.TcpSocket();

        Assert.NotEqual(0, socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
        Assert.Equal(15, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));
        Assert.Equal(5, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval));
        Assert.Equal(3, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount));
    }
}
