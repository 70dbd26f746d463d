// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Net.Sockets;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;

namespace Swarm.Tls.Tests;

public sealed class ControlSocketTests : IDisposable
{
    private readonly TestCluster _cluster = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("swarm-tls-").FullName;

    private string SocketPath => Path.Combine(_directory, "swarm.sock");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Call_EveryMethod_IsTheNodeItself()
    {
        await using RpcServer server = await ServeAsync();
        await using IRpcConnection connection = new GrpcTransport().ConnectUnix(SocketPath);
        foreach (string method in MethodRoles.All.Keys)
        {
            Assert.Equal("Manager|manager1|True||", await TestCluster.CallAsync(connection, method));
        }
    }

    [Fact]
    public async Task File_Mode_IsForItsOwnerOnlyAndGoesWithTheServer()
    {
        await using (await ServeAsync())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));
        }

        Assert.False(File.Exists(SocketPath));
    }

    // Go's gRPC names the path of the socket as :authority: raw (1.53), or percent-encoded (1.79).
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Curl_PathAsAuthority_ReachesTheService(bool encoded)
    {
        await using RpcServer server = await ServeAsync();
        string authority = encoded ? Uri.EscapeDataString(SocketPath) : SocketPath;
        string body = Path.Combine(_directory, "body");
        File.WriteAllBytes(body, new byte[5]);
        string output = await CurlAsync(authority, "--data-binary", "@" + body, "https://localhost/docker.swarmkit.v1.Control/ListNodes");
        Assert.Contains("HTTP/2 200", output, StringComparison.Ordinal);
        Assert.Contains("grpc-status: 0", output, StringComparison.Ordinal);
        Assert.Contains("Manager|manager1|True", output, StringComparison.Ordinal);
    }

    // Several requests on one connection use the client's dynamic table, which must stay in step.
    [Fact]
    public async Task Curl_ManyRequestsOnOneConnection_AllReachTheService()
    {
        await using RpcServer server = await ServeAsync();
        string body = Path.Combine(_directory, "body");
        File.WriteAllBytes(body, new byte[5]);
        string[] urls = [.. Enumerable.Repeat("https://localhost/docker.swarmkit.v1.Control/ListNodes", 20)];
        string output = await CurlAsync(SocketPath, ["--data-binary", "@" + body, "-H", "x-long: " + new string('y', 3000), .. urls]);
        Assert.Equal(20, output.Split("HTTP/2 200").Length - 1);
        Assert.Equal(20, output.Split("grpc-status: 0").Length - 1);
    }

    [Fact]
    public async Task Stream_LargeMessagesBothWays_PassTheRewriter()
    {
        await using RpcServer server = await ServeAsync(o => o.LocalServices = [Logs.BindService(new BigLogs())]);
        await using IRpcConnection connection = new GrpcTransport().ConnectUnix(SocketPath);
        using var call = new Logs.LogsClient(connection.Invoker).SubscribeLogs(
            new SubscribeLogsRequest { Selector = new LogSelector { ServiceIds = { new string('s', 3_000_000) } } },
            cancellationToken: TestContext.Current.CancellationToken);
        int count = 0;
        while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
        {
            Assert.Equal(3_000_000, call.ResponseStream.Current.Messages[0].Data.Length);
            count++;
        }

        Assert.Equal(3, count);
    }

    [Fact]
    public async Task Start_SocketInUse_IsOneClearLine()
    {
        await using RpcServer first = await ServeAsync();
        var e = await Assert.ThrowsAsync<SwarmException>(() => ServeAsync());
        Assert.Equal(SwarmErrorCode.FailedPrecondition, e.Code);
        Assert.Contains("is in use", e.Message, StringComparison.Ordinal);
        await using IRpcConnection connection = new GrpcTransport().ConnectUnix(SocketPath);
        Assert.StartsWith("Manager|", await TestCluster.CallAsync(connection, MethodRoles.All.Keys.First()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_StaleSocket_IsReplaced()
    {
        LeaveStale();
        Assert.True(File.Exists(SocketPath));
        await using RpcServer server = await ServeAsync();
        await using IRpcConnection connection = new GrpcTransport().ConnectUnix(SocketPath);
        Assert.StartsWith("Manager|", await TestCluster.CallAsync(connection, MethodRoles.All.Keys.First()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_FileInThePlace_IsKeptAndNamed()
    {
        File.WriteAllText(SocketPath, "precious");
        var e = await Assert.ThrowsAsync<SwarmException>(() => ServeAsync());
        Assert.Contains("a file is in its place", e.Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(SocketPath));
    }

    // Opening a named pipe waits for its other end: the start must not.
    [Fact]
    public async Task Start_NamedPipeInThePlace_IsRefusedAtOnceAndKept()
    {
        using (var mkfifo = Process.Start("mkfifo", [SocketPath]))
        {
            await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var e = await Assert.ThrowsAsync<SwarmException>(() => ServeAsync()).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(SwarmErrorCode.FailedPrecondition, e.Code);
        Assert.Contains("a named pipe is in its place", e.Message, StringComparison.Ordinal);
        Assert.Equal([SocketPath], Directory.GetFileSystemEntries(_directory));
    }

    [Theory]
    [InlineData("precious")]
    [InlineData("nothing")]
    public async Task Start_LinkInThePlace_IsRefusedAndKept(string target)
    {
        File.WriteAllText(Path.Combine(_directory, "precious"), "");
        File.CreateSymbolicLink(SocketPath, Path.Combine(_directory, target));
        var e = await Assert.ThrowsAsync<SwarmException>(() => ServeAsync());
        Assert.Contains("a symbolic link is in its place", e.Message, StringComparison.Ordinal);
        Assert.NotNull(new FileInfo(SocketPath).LinkTarget);
    }

    [Fact]
    public async Task Start_DirectoryInThePlace_IsRefused()
    {
        Directory.CreateDirectory(SocketPath);
        var e = await Assert.ThrowsAsync<SwarmException>(() => ServeAsync());
        Assert.Contains("a directory is in its place", e.Message, StringComparison.Ordinal);
    }

    // Each start finds the same socket of a dead manager: one takes it over and serves, the others see that it is taken.
    [Fact]
    public async Task Start_ManyAtOnceOnAStaleSocket_OneServesTheOthersAreRefused()
    {
        for (int round = 0; round < 10; round++)
        {
            LeaveStale();
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task<RpcServer>[] starts = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                await gate.Task;
                return await ServeAsync();
            }))];
            gate.SetResult();
            int served = 0;
            foreach (Task<RpcServer> start in starts)
            {
                try
                {
                    await start;
                    served++;
                }
                catch (SwarmException e)
                {
                    Assert.Contains("is in use", e.Message, StringComparison.Ordinal);
                }
            }

            Assert.Equal(1, served);
            await using (IRpcConnection connection = new GrpcTransport().ConnectUnix(SocketPath))
            {
                Assert.StartsWith("Manager|", await TestCluster.CallAsync(connection, MethodRoles.All.Keys.First()), StringComparison.Ordinal);
            }

            await (await starts.Single(s => s.IsCompletedSuccessfully)).DisposeAsync();
            Assert.Empty(Directory.GetFileSystemEntries(_directory));
        }
    }

    [Fact]
    public async Task Start_PathOf108Bytes_IsOneClearLineAnd107IsTaken()
    {
        string longest = Path.Combine(_directory, new string('s', 107 - _directory.Length - 1));
        Assert.Equal(107, longest.Length);
        await using (await ServeAsync(o => o.ControlSocketPath = longest))
        {
            Assert.True(File.Exists(longest));
        }

        var e = await Assert.ThrowsAsync<SwarmException>(() => ServeAsync(o => o.ControlSocketPath = longest + "s"));
        Assert.Contains("has 108 bytes, and the system takes 107", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_DirectoryMissing_IsOneClearLine()
    {
        var e = await Assert.ThrowsAsync<SwarmException>(() => ServeAsync(o => o.ControlSocketPath = Path.Combine(_directory, "no", "s")));
        Assert.Contains("cannot be made", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_NoSocket_IsUnavailableWithOneLine()
    {
        await using IRpcConnection connection = new GrpcTransport().ConnectUnix(SocketPath);
        var e = await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => TestCluster.CallAsync(connection, MethodRoles.All.Keys.First()));
        SwarmException error = RpcErrors.ToSwarmException(e);
        Assert.Equal(SwarmErrorCode.Unavailable, error.Code);
        Assert.Contains(SocketPath, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garbage_OverTls_EndsThatConnectionOnly()
    {
        await using RpcServer server = await ServeAsync();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), TestContext.Current.CancellationToken);
        await using var tls = new System.Net.Security.SslStream(new NetworkStream(socket), false, static (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(
            new System.Net.Security.SslClientAuthenticationOptions
            {
                TargetHost = "x",
                ApplicationProtocols = [System.Net.Security.SslApplicationProtocol.Http2],
            },
            TestContext.Current.CancellationToken);
        await tls.WriteAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        byte[] buffer = new byte[4096];
        try
        {
            while (await tls.ReadAsync(buffer, TestContext.Current.CancellationToken) > 0)
            {
                // Settings and a good-bye may come before the end.
            }
        }
        catch (IOException)
        {
            // A reset is an end too.
        }

        await using IRpcConnection connection = new GrpcTransport().ConnectUnix(SocketPath);
        Assert.StartsWith("Manager|", await TestCluster.CallAsync(connection, MethodRoles.All.Keys.First()), StringComparison.Ordinal);
    }

    private void LeaveStale()
    {
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(SocketPath + "2"));

            // The file of a process that was killed stays; a socket that is closed takes its own away, but not under another name.
            File.Move(SocketPath + "2", SocketPath);
        }
    }

    private Task<RpcServer> ServeAsync(Action<RpcServerOptions>? set = null) => _cluster.ServeAsync(o =>
    {
        o.RemoteAddress = null;
        o.ControlSocketPath = SocketPath;
        o.LocalServices = TestCluster.Services();
        set?.Invoke(o);
    });

    private async Task<string> CurlAsync(string authority, params string[] arguments)
    {
        var start = new ProcessStartInfo("curl") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] all =
        [
            "--http2", "--unix-socket", SocketPath, "-k", "-s", "-S", "-i", "--max-time", "30",
            "-H", "Host: " + authority, "-H", "content-type: application/grpc", "-H", "te: trailers", .. arguments,
        ];
        foreach (string argument in all)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        // 92: curl 7.88, sending on one connection again and again, may find a stream closed by its complete answer before it has noted
        // that the request is sent. The answers were all received; callers count them.
        Assert.True(process.ExitCode is 0 or 92, $"curl {process.ExitCode}: {await errors}\n{output}");
        return output;
    }

    private sealed class BigLogs : Logs.LogsBase
    {
        public override async Task SubscribeLogs(
            SubscribeLogsRequest request, Grpc.Core.IServerStreamWriter<SubscribeLogsMessage> responseStream, Grpc.Core.ServerCallContext context)
        {
            var message = new SubscribeLogsMessage();
            message.Messages.Add(new LogMessage { Data = Google.Protobuf.ByteString.CopyFromUtf8(request.Selector.ServiceIds[0]) });
            for (int i = 0; i < 3; i++)
            {
                await responseStream.WriteAsync(message);
            }
        }
    }
}
