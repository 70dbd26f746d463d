// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Core;

namespace Swarm.Rpc.InMemory;

/// <summary>The caller's side of a call: its streams as bytes, its end, its deadline. Thread-safe.</summary>
internal sealed class ClientCall : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Link _link;
    private readonly TaskCompletionSource<Metadata> _headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _cancellation;
    private readonly ITimer? _deadline;
    private ServerCall? _server;
    private Status? _status;
    private Metadata _trailers = [];
    private bool _halfClosed;

    public ClientCall(Link link, Mailbox mailbox, InMemoryNetworkOptions options, string method, CallOptions call)
    {
        _link = link;
        Inbox = new Inbox(mailbox, () => link.SendToServer(0, () => _server?.Window.Free()));
        Window = new Window(options.WindowMessages);
        Metadata headers = call.Headers ?? [];
        DateTime deadline = call.Deadline ?? DateTime.MaxValue;

        // As grpc-timeout does, the request carries the time that is left: the clock of the other side may be another.
        TimeSpan? left = deadline == DateTime.MaxValue ? null : deadline.ToUniversalTime() - mailbox.Time.GetUtcNow().UtcDateTime;
        link.Add(this);
        if (_status is null)
        {
            link.SendToServer(0, () => _server = ServerCall.Begin(link, options, this, method, headers, left));
        }

        if (left is { } wait)
        {
            _deadline = mailbox.Time.CreateTimer(
                _ => mailbox.Post(() => Stop(StatusCode.DeadlineExceeded, "the deadline of the call passed")),
                null,
                wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
                Timeout.InfiniteTimeSpan);
        }

        _cancellation = call.CancellationToken.Register(() => Stop(StatusCode.Cancelled, "the call was cancelled"));
        if (_status is not null)
        {
            Release();
        }
    }

    public Inbox Inbox { get; }

    public Window Window { get; }

    public Task<Metadata> Headers => _headers.Task;

    public Status Status => _status ?? throw new InvalidOperationException("the call has not ended yet");

    public Metadata Trailers => _status is null ? throw new InvalidOperationException("the call has not ended yet") : _trailers;

    /// <summary>Sends a message once the window allows.</summary>
    public async Task WriteAsync(byte[] message)
    {
        if (_halfClosed)
        {
            throw new InvalidOperationException("the stream was completed: nothing more may be written to it");
        }

        await Window.TakeAsync();
        _link.SendToServer(message.Length, () => _server?.Inbox.Put(message));
    }

    public void Complete()
    {
        _halfClosed = true;
        _link.SendToServer(0, () => _server?.Inbox.End(static () => null, discard: false));
    }

    /// <summary>The server's headers arrived.</summary>
    public void OnHeaders(Metadata headers) => _headers.TrySetResult(headers);

    /// <summary>The server's end arrived.</summary>
    public void OnEnd(Status status, Metadata trailers) => End(status, trailers, discard: false);

    /// <summary>The connection could not be made or broke.</summary>
    public void Fail(SwarmException reason) =>
        End(new Status(RpcErrors.ToStatusCode(reason.Code), reason.Message, reason), [], discard: true);

    /// <summary>The end as an error of the caller.</summary>
    public RpcException Error() => new(Status, _trailers);

    public void Dispose() => Stop(StatusCode.Cancelled, "the call was given up");

    private void Stop(StatusCode code, string text)
    {
        if (End(new Status(code, text), [], discard: true))
        {
            _link.SendToServer(0, () => _server?.Abort());
        }
    }

    private bool End(Status status, Metadata trailers, bool discard)
    {
        lock (_gate)
        {
            if (_status is not null)
            {
                return false;
            }

            _trailers = trailers;
            _status = status;
        }

        Release();
        _link.Remove(this);
        if (status.StatusCode == StatusCode.OK)
        {
            _headers.TrySetResult([]);
        }
        else
        {
            // Nobody may ever look at the headers: reading the exception here marks it as seen.
            _headers.TrySetException(Error());
            _ = _headers.Task.Exception;
        }

        Inbox.End(() => status.StatusCode == StatusCode.OK ? null : Error(), discard);
        Window.End(Error);
        return true;
    }

    private void Release()
    {
        _deadline?.Dispose();
        _cancellation.Unregister();
    }
}
