// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Swarm.Runtime.Docker.Tests.Engine;

/// <summary>An engine that answers as a test wants, byte for byte: over a unix socket, one request for each connection.</summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("swarm-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _answers = [];
    private readonly Func<FakeCall, Task> _answer;
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    public FakeEngine(Func<FakeCall, Task> answer)
    {
        _answer = answer;
        Open();
    }

    public Uri Endpoint => new("unix://" + SocketPath);

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
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
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
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
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
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
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

    /// <summary>The test is over.</summary>
    public CancellationToken Stop { get; }

    public static async Task<FakeCall?> ReadAsync(Stream stream, CancellationToken stop)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, stop) == 0)
            {
                return null;
            }

            head.Append((char)one[0]);
        }

        return new FakeCall(stream, head.ToString(), stop);
    }

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
}
