// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;

namespace Swarm.Manager.Tests.ControlApi;

/// <summary>The context of a call that has no transport.</summary>
internal sealed class TestCallContext(CancellationToken cancellationToken) : ServerCallContext
{
    protected override string MethodCore => "test";

    protected override string HostCore => "test";

    protected override string PeerCore => "test";

    protected override DateTime DeadlineCore => DateTime.MaxValue;

    protected override Metadata RequestHeadersCore { get; } = [];

    protected override CancellationToken CancellationTokenCore => cancellationToken;

    protected override Metadata ResponseTrailersCore { get; } = [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore { get; } = new("", []);

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException();

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;
}
