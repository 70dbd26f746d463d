// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Core;

namespace Swarm.Client.Tests;

public sealed class CallTimeoutTests
{
    private static readonly TimeProvider Clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch);

    [Fact]
    public async Task Call_ManagerHangs_FailsWithOneClearLine()
    {
        var invoker = new HangingInvoker();
        await using var client = new SwarmClient(invoker, Clock, TimeSpan.FromSeconds(7));

        SwarmException error = await Assert.ThrowsAsync<SwarmException>(
            () => client.Nodes.ListAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(SwarmErrorCode.DeadlineExceeded, error.Code);
        Assert.Equal(
            "the manager did not answer within 7 s: look at its log; a change that was asked for may have been made", error.Message);
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(7), invoker.Deadline);
    }

    [Fact]
    public void CallTimeout_Zero_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SwarmClient(new HangingInvoker(), Clock, TimeSpan.Zero));

    /// <summary>What a channel does when nothing comes: the call ends at its deadline, or never.</summary>
    private sealed class HangingInvoker : CallInvoker
    {
        public DateTime? Deadline { get; private set; }

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        {
            Deadline = options.Deadline;
            Task<TResponse> response = Deadline is null
                ? new TaskCompletionSource<TResponse>().Task
                : System.Threading.Tasks.Task.FromException<TResponse>(new RpcException(new Status(StatusCode.DeadlineExceeded, "")));
            return new AsyncUnaryCall<TResponse>(
                response, System.Threading.Tasks.Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
        }

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();
    }
}
