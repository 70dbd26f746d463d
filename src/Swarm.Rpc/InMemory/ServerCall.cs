// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Core;

namespace Swarm.Rpc.InMemory;

/// <summary>The server's side of a call. All of it runs in the server's mailbox.</summary>
#pragma warning disable CA1001 // The token source has no timer; services may hold its token after the end.
internal sealed class ServerCall
#pragma warning restore CA1001
{
    private readonly Link _link;
    private readonly ClientCall _client;
    private readonly CancellationTokenSource _cancellation = new();
    private ITimer? _deadline;
    private bool _headersSent;
    private bool _ended;

    private ServerCall(Link link, InMemoryNetworkOptions options, ClientCall client)
    {
        _link = link;
        _client = client;
        Inbox = new Inbox(link.Server.Mailbox, () => link.SendToClient(0, client.Window.Free));
        Window = new Window(options.WindowMessages);
    }

    public Inbox Inbox { get; }

    public Window Window { get; }

    public CancellationToken Cancelled => _cancellation.Token;

    /// <summary>A call arrived: starts its service.</summary>
    public static ServerCall Begin(
        Link link, InMemoryNetworkOptions options, ClientCall client, string method, Metadata headers, TimeSpan? timeout)
    {
        var call = new ServerCall(link, options, client);
        link.Add(call);
        Mailbox mailbox = link.Server.Mailbox;
        DateTime deadline = DateTime.MaxValue;
        if (timeout is { } left)
        {
            deadline = mailbox.Time.GetUtcNow().UtcDateTime + left;
            call._deadline = mailbox.Time.CreateTimer(
                _ => mailbox.Post(call.Abort), null, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }

        var context = new ServerContext(call, method, headers, deadline, link.Peer!);
        if (link.Listener!.Methods.Find(method) is { } handler)
        {
            // Not in this piece, so that what follows on the connection is not held up by the service's first steps.
            mailbox.Post(() => _ = call.RunAsync(handler, context));
        }
        else
        {
            call.Finish(new Status(StatusCode.Unimplemented, $"the server does not serve {method}"), []);
        }

        return call;
    }

    /// <summary>The caller is gone or gave up: the service is told by its token.</summary>
    public void Abort()
    {
        if (_ended)
        {
            return;
        }

        Inbox.End(() => new OperationCanceledException("the caller gave up"), discard: true);
        Window.End(() => new OperationCanceledException("the caller gave up"));
        _cancellation.Cancel();
    }

    public void SendHeaders(Metadata headers)
    {
        if (_headersSent)
        {
            throw new InvalidOperationException("the headers were sent already");
        }

        _headersSent = true;
        _link.SendToClient(0, () => _client.OnHeaders(headers));
    }

    public async Task WriteAsync(byte[] message)
    {
        if (!_headersSent)
        {
            SendHeaders([]);
        }

        await Window.TakeAsync();
        _link.SendToClient(message.Length, () => _client.Inbox.Put(message));
    }

    private async Task RunAsync(Func<ServerCall, ServerContext, Task> handler, ServerContext context)
    {
        try
        {
            await handler(this, context);
            Finish(context.Status, context.ResponseTrailers);
        }
        catch (RpcException e)
        {
            Metadata trailers = [];
            foreach (Metadata.Entry entry in context.ResponseTrailers.Concat(e.Trailers))
            {
                trailers.Add(entry);
            }

            // The cause stays on this side, as on a real wire.
            Finish(new Status(e.StatusCode, e.Status.Detail), trailers);
        }
        catch (Exception)
        {
            // Interceptors map every error; what is left is a defect in one of them.
            Finish(new Status(StatusCode.Unknown, "the server failed"), []);
        }
    }

    private void Finish(Status status, Metadata trailers)
    {
        _ended = true;
        _deadline?.Dispose();
        _link.Remove(this);
        _link.SendToClient(0, () => _client.OnEnd(status, trailers));
    }
}
