// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Swarm.Runtime.Docker.Tests.Engine;

/// <summary>An engine that answers as a test wants, byte for byte: over a unix socket, or TLS and TCP, one request for each connection.</summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("swarm-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _answers = [];
    private readonly Func<FakeCall, Task> _answer;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly bool _isTcp;
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    public FakeEngine(Func<FakeCall, Task> answer, bool isTcp = false, SslServerAuthenticationOptions? tls = null)
    {
        _answer = answer;
        _tls = tls;
        _isTcp = isTcp || tls is not null;
        Open();
    }

    public Uri Endpoint => new(_isTcp ? $"tcp://localhost:{((IPEndPoint)_listener!.LocalEndPoint!).Port}" : "unix://" + SocketPath);

    public ConcurrentQueue<FakeCall> Calls { get; } = new();

    /// <summary>Says a version of the API that the engine has; set before the first call.</summary>
    public string ApiVersion { get; init; } = "1.41";

    public string OldestApiVersion { get; init; } = "1.12";

    public bool HangsOnVersion { get; init; }

    private string SocketPath => Path.Combine(_directory, "s");

    public DockerExecutorOptions Options() => new() { Endpoint = Endpoint, NodeId = "node", ReconnectDelay = TimeSpan.FromMilliseconds(10) };

    public void Open()
    {
        File.Delete(SocketPath);
        _listener = _isTcp
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(_isTcp ? new IPEndPoint(IPAddress.Loopback, 0) : new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen();
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>Nobody answers any more; connections that exist stay.</summary>
    public async Task CloseAsync()
    {
        _listener!.Dispose();
        await _accepting;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await CloseAsync();
        await Task.WhenAll(_answers);
        _stop.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                _answers.Add(AnswerAsync(await listener.AcceptAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        await using var plain = new NetworkStream(socket, ownsSocket: true);
        await using Stream stream = _tls is null ? plain : new SslStream(plain);
        try
        {
            if (stream is SslStream secured)
            {
                await secured.AuthenticateAsServerAsync(_tls!, _stop.Token);
            }

            FakeCall? call = await FakeCall.ReadAsync(stream, _stop.Token);
            if (call is null)
            {
                return;
            }

            Calls.Enqueue(call);
            if (call.Path == "/version" && !HangsOnVersion)
            {
                await call.JsonAsync($$"""{"Version":"20.10","ApiVersion":"{{ApiVersion}}","MinAPIVersion":"{{OldestApiVersion}}"}""");
                return;
            }

            await _answer(call);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or AuthenticationException)
        {
            // The caller went away, or the test is over.
        }
    }
}

/// <summary>One request, and what it is answered with.</summary>
internal sealed class FakeCall
{
    private readonly Stream _stream;

    private FakeCall(Stream stream, string head, CancellationToken stop)
    {
        (_stream, Stop) = (stream, stop);
        string[] lines = head.Split("\r\n");
        string[] first = lines[0].Split(' ');
        Method = first[0];
        string[] target = first[1].Split('?', 2);
        Version = target[0].StartsWith("/v1.", StringComparison.Ordinal) ? target[0].Split('/')[1] : null;
        Path = Version is null ? target[0] : target[0][(Version.Length + 1)..];
        Query = target.Length > 1 ? WebUtility.UrlDecode(target[1]) : "";
        Headers = lines.Skip(1).Select(static line => line.Split(':', 2)).Where(static pair => pair.Length == 2)
            .ToDictionary(static pair => pair[0].Trim(), static pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
    }

    public string Method { get; }

    public string? Version { get; }

    public string Path { get; }

    public string Query { get; }

    public IReadOnlyDictionary<string, string> Headers { get; }

    public string Body { get; private set; } = "";

    /// <summary>The test is over.</summary>
    public CancellationToken Stop { get; }

    public static async Task<FakeCall?> ReadAsync(Stream stream, CancellationToken stop)
    {
        if (await UntilAsync(stream, "\r\n\r\n", stop) is not { } head)
        {
            return null;
        }

        var call = new FakeCall(stream, head, stop);
        if (call.Headers.TryGetValue("Content-Length", out string? length))
        {
            call.Body = await TakeAsync(stream, int.Parse(length, CultureInfo.InvariantCulture), stop);
        }
        else if (call.Headers.ContainsKey("Transfer-Encoding"))
        {
            int size;
            do
            {
                size = int.Parse((await UntilAsync(stream, "\r\n", stop))!.Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                call.Body += await TakeAsync(stream, size, stop);
                await UntilAsync(stream, "\r\n", stop);
            }
            while (size > 0);
        }

        return call;
    }

    public Task NoContentAsync() => RawAsync("HTTP/1.1 204 X\r\nConnection: close\r\n\r\n");

    public Task JsonAsync(string body, int status = 200) => RawAsync(
        $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    public Task RefuseAsync(int status, string message) => JsonAsync($$"""{"message":"{{message}}"}""", status);

    public async Task RawAsync(string bytes)
    {
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(bytes), Stop);
        await _stream.FlushAsync(Stop);
    }

    /// <summary>Begins an answer in pieces.</summary>
    public Task BeginAsync(string type = "application/json") =>
        RawAsync($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");

    public async Task PieceAsync(ReadOnlyMemory<byte> bytes)
    {
        await RawAsync($"{bytes.Length:x}\r\n");
        await _stream.WriteAsync(bytes, Stop);
        await RawAsync("\r\n");
    }

    public Task PieceAsync(string text) => PieceAsync(Encoding.UTF8.GetBytes(text));

    public Task EndAsync() => RawAsync("0\r\n\r\n");

    /// <summary>Waits until the test is over.</summary>
    public Task HangAsync() => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, Stop);

    private static async Task<string?> UntilAsync(Stream stream, string end, CancellationToken stop)
    {
        var text = new StringBuilder();
        byte[] one = new byte[1];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, stop) == 0)
            {
                return null;
            }

            text.Append((char)one[0]);
        }

        return text.ToString();
    }

    private static async Task<string> TakeAsync(Stream stream, int size, CancellationToken stop)
    {
        byte[] bytes = new byte[size];
        await stream.ReadExactlyAsync(bytes, stop);
        return Encoding.UTF8.GetString(bytes);
    }
}
