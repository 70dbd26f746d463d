// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;

namespace Swarm.Rpc.InMemory;

/// <summary>What a service sees of a call.</summary>
internal sealed class ServerContext(ServerCall call, string method, Metadata headers, DateTime deadline, PeerIdentity peer)
    : ServerCallContext
{
    private readonly Metadata _trailers = [];
    private readonly Dictionary<object, object> _userState = [];
    private Status _status = Status.DefaultSuccess;

    public PeerIdentity PeerIdentity => peer;

    protected override string MethodCore => method;

    protected override string HostCore => "";

    protected override string PeerCore => peer.IsLocal ? "local" : $"memory:{peer.RemoteAddress}";

    protected override DateTime DeadlineCore => deadline;

    protected override Metadata RequestHeadersCore => headers;

    protected override CancellationToken CancellationTokenCore => call.Cancelled;

    protected override Metadata ResponseTrailersCore => _trailers;

    protected override Status StatusCore
    {
        get => _status;
        set => _status = value;
    }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore { get; } = new(null, []);

    protected override IDictionary<object, object> UserStateCore => _userState;

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        call.SendHeaders(responseHeaders);
        return Task.CompletedTask;
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException("calls in memory do not hand on their deadline by token; pass it on by hand");
}
