// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Rpc.Tests;

public class InMemoryNetworkTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Unary_Call_AnswersWithHeadersAndTrailers()
    {
        var net = new TestNetwork();
        net.Listen();
        IRpcConnection connection = net.Connect();
        (string answer, string? header, string? trailer) = Done(net.Run(async () =>
        {
            using AsyncUnaryCall<string> call = connection.Invoker.AsyncUnaryCall(
                TestNetwork.Unary, null, new CallOptions([new Metadata.Entry("question", "42")]), "headers");
            Metadata headers = await call.ResponseHeadersAsync;
            string response = await call.ResponseAsync;
            return (response, headers.GetValue("answer"), call.GetTrailers().GetValue("seen"));
        }));
        Assert.Equal(("headers!", "42", "yes"), (answer, header, trailer));
        Assert.Equal(["headers from Manager m2 False"], net.Seen);
    }

    [Fact]
    public void Unary_ServiceRefuses_KeepsCodeTextAndTrailers()
    {
        var net = new TestNetwork();
        net.Listen();
        RpcException e = Failed(net.Run(() => Call(net.Connect(), "refuse")));
        Assert.Equal(StatusCode.FailedPrecondition, e.StatusCode);
        Assert.Equal("yes", e.Trailers.GetValue("seen"));
        SwarmException error = RpcErrors.ToSwarmException(e);
        Assert.Equal((SwarmErrorCode.OutOfSequence, "update out of sequence"), (error.Code, error.Message));

        e = Failed(net.Run(() => Call(net.Connect(), "defect")));
        Assert.Equal(StatusCode.Internal, e.StatusCode);
        Assert.DoesNotContain("secret detail", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ClientStream_Messages_ArriveInOrder()
    {
        var net = new TestNetwork();
        net.Listen();
        string answer = Done(net.Run(async () =>
        {
            using var call = net.Connect().Invoker.AsyncClientStreamingCall(TestNetwork.Client, null, default);
            for (int i = 0; i < 100; i++)
            {
                await call.RequestStream.WriteAsync($"{i}");
            }

            await call.RequestStream.CompleteAsync();
            return await call.ResponseAsync;
        }));
        Assert.Equal(string.Join(',', Enumerable.Range(0, 100)), answer);
    }

    [Fact]
    public void ServerStream_SlowReader_HoldsTheWriterAtTheWindow()
    {
        var net = new TestNetwork(set: o => o.WindowMessages = 4);
        net.Listen();
        AsyncServerStreamingCall<string> call = null!;
        Done(net.Run(() =>
        {
            call = net.Connect().Invoker.AsyncServerStreamingCall(TestNetwork.Server, null, default, "10");
            return Task.FromResult(0);
        }));
        Assert.Equal(4, net.Seen.Count);
        Assert.True(Done(net.Run(() => call.ResponseStream.MoveNext(default))));
        Assert.Equal(5, net.Seen.Count);
        int read = Done(net.Run(async () =>
        {
            int count = 1;
            while (await call.ResponseStream.MoveNext(default))
            {
                Assert.Equal($"{count++}", call.ResponseStream.Current);
            }

            return count;
        }));
        Assert.Equal(10, read);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public void Duplex_TurnByTurn_Works()
    {
        var net = new TestNetwork();
        net.Listen();
        string all = Done(net.Run(async () =>
        {
            using var call = net.Connect().Invoker.AsyncDuplexStreamingCall(TestNetwork.Duplex, null, default);
            string text = "";
            foreach (string word in new[] { "a", "b", "c" })
            {
                await call.RequestStream.WriteAsync(word);
                Assert.True(await call.ResponseStream.MoveNext(default));
                text += call.ResponseStream.Current;
            }

            await call.RequestStream.CompleteAsync();
            Assert.False(await call.ResponseStream.MoveNext(default));
            return text;
        }));
        Assert.Equal("ABC", all);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Cancel_OpenCall_EndsBothSides(bool byToken)
    {
        var net = new TestNetwork();
        net.Listen();
        using var cancel = new CancellationTokenSource();
        AsyncUnaryCall<string> call = null!;
        Task<string> answer = net.Run(() =>
        {
            call = net.Connect().Invoker.AsyncUnaryCall(TestNetwork.Unary, null, new CallOptions(cancellationToken: cancel.Token), "wait");
            return call.ResponseAsync;
        });
        Assert.False(answer.IsCompleted);
        if (byToken)
        {
            cancel.Cancel();
        }
        else
        {
            call.Dispose();
        }

        net.Drain();
        Assert.Equal(StatusCode.Cancelled, Failed(answer).StatusCode);
        Assert.Equal(["wait from Manager m2 False", "cancelled"], net.Seen);
    }

    [Fact]
    public void Cancel_BeforeTheCall_NeverReachesTheService()
    {
        var net = new TestNetwork();
        net.Listen();
        Assert.Equal(StatusCode.Cancelled, Failed(net.Run(() => Call(net.Connect(), "x", new CallOptions(
            cancellationToken: new CancellationToken(true))))).StatusCode);
    }

    [Fact]
    public void Cancel_Stream_EndsTheServicesReader()
    {
        var net = new TestNetwork();
        net.Listen();
        AsyncDuplexStreamingCall<string, string> call = null!;
        Done(net.Run(async () =>
        {
            call = net.Connect().Invoker.AsyncDuplexStreamingCall(TestNetwork.Duplex, null, default);
            await call.RequestStream.WriteAsync("a");
            return await call.ResponseStream.MoveNext(default);
        }));
        call.Dispose();
        net.Drain();
        Assert.Equal(["cancelled", "reader ended"], net.Seen);
        Assert.Equal(StatusCode.Cancelled, Failed(net.Run(() => call.ResponseStream.MoveNext(default))).StatusCode);
    }

    [Fact]
    public void Deadline_Passes_EndsTheCallAndTellsTheService()
    {
        var net = new TestNetwork();
        net.Listen();
        Task<string> answer = net.Run(() => Call(net.Connect(), "wait", new CallOptions(deadline: net.Clock.GetUtcNow().UtcDateTime + (5 * Second))));
        net.Advance(4 * Second);
        Assert.False(answer.IsCompleted);
        net.Advance(Second);
        Assert.Equal(StatusCode.DeadlineExceeded, Failed(answer).StatusCode);
        Assert.Contains("cancelled", net.Seen);
    }

    [Fact]
    public void Deadline_ServerOutOfReach_StillEndsBothSides()
    {
        var policy = new TestPolicy();
        var net = new TestNetwork(policy);
        net.Listen();
        IRpcConnection connection = net.Connect();
        Done(net.Run(() => Call(connection, "first")));
        Task<string> answer = net.Run(() => Call(connection, "wait", new CallOptions(deadline: net.Clock.GetUtcNow().UtcDateTime + (5 * Second))));
        policy.Decision = (_, _) => LinkDecision.Drop();
        net.Advance(5 * Second);
        Assert.Equal(StatusCode.DeadlineExceeded, Failed(answer).StatusCode);
        Assert.Contains("cancelled", net.Seen);
    }

    [Fact]
    public void Policy_Delay_IsTimeOnTheWire()
    {
        var policy = new TestPolicy { Decision = (_, _) => LinkDecision.Deliver(TimeSpan.FromMilliseconds(10)) };
        var net = new TestNetwork(policy);
        net.Listen();
        Task<string> answer = net.Run(() => Call(net.Connect(), "x"));
        int steps = 0;
        for (; !answer.IsCompleted; steps++)
        {
            net.Advance(TimeSpan.FromMilliseconds(10));
        }

        // Connect and accept; then the request and its answer.
        Assert.Equal(4, steps);
        Assert.Equal("x!", Done(answer));
    }

    [Fact]
    public void Policy_ShrinkingDelays_DoNotReorderAStream()
    {
        int left = 50;
        var policy = new TestPolicy { Decision = (_, _) => LinkDecision.Deliver(TimeSpan.FromMilliseconds(Math.Max(0, left--))) };
        var net = new TestNetwork(policy);
        net.Listen();
        Task<string> answer = net.Run(async () =>
        {
            using var call = net.Connect().Invoker.AsyncClientStreamingCall(TestNetwork.Client, null, default);
            for (int i = 0; i < 30; i++)
            {
                await call.RequestStream.WriteAsync($"{i}");
            }

            await call.RequestStream.CompleteAsync();
            return await call.ResponseAsync;
        });
        for (int i = 0; i < 100 && !answer.IsCompleted; i++)
        {
            net.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.Equal(string.Join(',', Enumerable.Range(0, 30)), Done(answer));
    }

    [Fact]
    public void Policy_Drop_BreaksTheConnectionAfterTheLossTimeout()
    {
        var policy = new TestPolicy();
        var net = new TestNetwork(policy);
        net.Listen();
        IRpcConnection connection = net.Connect();
        Task<string> open = net.Run(() => Call(connection, "wait"));
        policy.Decision = (from, _) => from == "client" ? LinkDecision.Drop() : LinkDecision.Deliver();
        Task<string> lost = net.Run(() => Call(connection, "lost"));
        net.Advance(19 * Second);
        Assert.False(open.IsCompleted || lost.IsCompleted);
        net.Advance(Second);
        Assert.Equal(StatusCode.Unavailable, Failed(open).StatusCode);
        Assert.Equal(StatusCode.Unavailable, Failed(lost).StatusCode);
        Assert.Contains("cancelled", net.Seen);
        Assert.DoesNotContain(net.Seen, s => s.StartsWith("lost", StringComparison.Ordinal));

        policy.Decision = null;
        Assert.Equal("again!", Done(net.Run(() => Call(connection, "again"))));
    }

    [Fact]
    public void Policy_Reset_FailsOpenCallsAtOnce()
    {
        var policy = new TestPolicy();
        var net = new TestNetwork(policy);
        net.Listen();
        IRpcConnection connection = net.Connect();
        Task<string> open = net.Run(() => Call(connection, "wait"));
        policy.Decision = (_, _) => LinkDecision.Reset();
        Assert.Equal(StatusCode.Unavailable, Failed(net.Run(() => Call(connection, "x"))).StatusCode);
        Assert.Equal(StatusCode.Unavailable, Failed(open).StatusCode);
    }

    [Fact]
    public void Connect_Partitioned_TimesOut()
    {
        var net = new TestNetwork(new TestPolicy { Decision = (_, _) => LinkDecision.Drop() });
        net.Listen();
        Task<string> answer = net.Run(() => Call(net.Connect(), "x"));
        net.Advance(10 * Second);
        Assert.Contains("no answer from server:4242", Failed(answer).Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Connect_NobodyListens_IsUnavailable()
    {
        var net = new TestNetwork();
        RpcException e = Failed(net.Run(() => Call(net.Connect(), "x")));
        Assert.Equal(StatusCode.Unavailable, e.StatusCode);
        Assert.Contains("nobody listens there", RpcErrors.ToSwarmException(e).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Break_BetweenHosts_FailsOpenCallsAndTheNextConnectsAnew()
    {
        var net = new TestNetwork();
        net.Listen();
        IRpcConnection connection = net.Connect();
        Task<string> open = net.Run(() => Call(connection, "wait"));
        net.Network.Break("client", "server");
        net.Drain();
        Assert.Equal(StatusCode.Unavailable, Failed(open).StatusCode);
        Assert.Equal("x!", Done(net.Run(() => Call(connection, "x"))));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 20)]
    public void Crash_Server_CallersFindOut(bool silently, int seconds)
    {
        var net = new TestNetwork();
        net.Listen();
        IRpcConnection connection = net.Connect();
        Task<string> open = net.Run(() => Call(connection, "wait"));
        net.Network.Crash("server", silently);
        net.Drain();
        Assert.Equal(!silently, open.IsCompleted);
        net.Advance(seconds * Second);
        Assert.Equal(StatusCode.Unavailable, Failed(open).StatusCode);
        Assert.DoesNotContain("cancelled", net.Seen);
        Assert.Equal(StatusCode.Unavailable, Failed(net.Run(() => Call(connection, "x"))).StatusCode);
        net.Listen();
        Assert.Equal("x!", Done(net.Run(() => Call(connection, "x"))));
    }

    [Fact]
    public void Crash_Client_IsNotTold()
    {
        var net = new TestNetwork();
        net.Listen();
        Task<string> open = net.Run(() => Call(net.Connect(), "wait"));
        net.Network.Crash("client");
        net.Drain();
        Assert.False(open.IsCompleted);
        Assert.Contains("cancelled", net.Seen);
    }

    [Fact]
    public async Task Listener_Disposed_FailsOpenCallsAndFreesTheAddress()
    {
        var net = new TestNetwork();
        IAsyncDisposable listener = net.Listen();
        Assert.Throws<SwarmException>(() => net.Listen());
        IRpcConnection connection = net.Connect();
        Task<string> open = net.Run(() => Call(connection, "wait"));
        await listener.DisposeAsync();
        net.Drain();
        Assert.Equal(StatusCode.Unavailable, Failed(open).StatusCode);
        net.Listen();
        Assert.Equal("x!", Done(net.Run(() => Call(connection, "x"))));
    }

    [Fact]
    public async Task Connection_Disposed_EndsItsCalls()
    {
        var net = new TestNetwork();
        net.Listen();
        IRpcConnection connection = net.Connect();
        Task<string> open = net.Run(() => Call(connection, "wait"));
        await connection.DisposeAsync();
        net.Drain();
        Failed(open);
        Assert.Contains("cancelled", net.Seen);
        Assert.Throws<ObjectDisposedException>(() => connection.Invoker.AsyncUnaryCall(TestNetwork.Unary, null, default, "x"));
    }

    [Fact]
    public void Local_Listener_IsReachedFromItsHostOnlyAndIsTheNodeItself()
    {
        var net = new TestNetwork();
        net.Listen(new InMemoryListenOptions { IsLocal = true }, "unix:///run/s");
        IRpcConnection local = net.ServerHost.CreateConnector(RpcTrust.Unverified).Connect("unix:///run/s", SwarmRoleNames.Manager);
        Done(net.Run(() => Call(local, "x")));
        Assert.Equal(["x from Manager m1 True"], net.Seen);
        Assert.Equal(StatusCode.Unavailable, Failed(net.Run(() => Call(net.Connect(RpcTrust.Unverified, "unix:///run/s"), "x"))).StatusCode);
    }

    [Fact]
    public void Certificates_AreCheckedAtBothEnds()
    {
        var net = new TestNetwork();
        net.Listen();
        NodeCredentials foreign = ClusterCa.Create(net.Issuer, net.Clock.GetUtcNow())
            .IssueCredentials("x", NodeRole.Manager, "c1", TimeSpan.FromDays(1), net.Clock.GetUtcNow());
        RpcTrust Disguised(NodeCredentials c) => RpcTrust.Mutual(new NodeCredentialsSource(c.WithRoot(net.Issuer, net.Ca.CertificatePem)));
        NodeCredentials expired = net.Ca.IssueCredentials("x", NodeRole.Manager, "c1", TimeSpan.FromHours(1), net.Clock.GetUtcNow().AddDays(-1));
        (RpcTrust Trust, string Name, string Problem)[] refused =
        [
            (Disguised(foreign), SwarmRoleNames.Manager, "refused this node's certificate"),
            (Disguised(expired), SwarmRoleNames.Manager, "refused this node's certificate"),
            (RpcTrust.RootOnly(foreign.RootPem), SwarmRoleNames.Manager, "not to be trusted"),
            (RpcTrust.RootOnly(net.Ca.CertificatePem), SwarmRoleNames.Worker, "not one of swarm-worker"),
        ];
        Assert.All(refused, r =>
        {
            SwarmException error = RpcErrors.ToSwarmException(Failed(net.Run(() => Call(net.Connect(r.Trust, name: r.Name), "x"))));
            Assert.Equal(SwarmErrorCode.Unauthenticated, error.Code);
            Assert.Contains(r.Problem, error.Message, StringComparison.Ordinal);
        });

        RpcException denied = Failed(net.Run(() => Call(net.Connect(RpcTrust.RootOnly(net.Ca.CertificatePem)), "x")));
        Assert.Equal(StatusCode.PermissionDenied, denied.StatusCode);
        Assert.Empty(net.Seen);
    }

    [Fact]
    public void Calls_BeyondTheBound_AreRefused()
    {
        var net = new TestNetwork(set: o => o.CallsPerConnectionMax = 2);
        net.Listen();
        IRpcConnection connection = net.Connect();
        Task<string> first = net.Run(() => Call(connection, "wait"));
        Task<string> second = net.Run(() => Call(connection, "wait"));
        Assert.Equal(StatusCode.ResourceExhausted, Failed(net.Run(() => Call(connection, "x"))).StatusCode);
        net.Gate.SetResult();
        net.Drain();
        Assert.Equal(["wait!", "wait!"], [Done(first), Done(second)]);
        Assert.Equal("x!", Done(net.Run(() => Call(connection, "x"))));
    }

    [Fact]
    public void Message_TooLarge_IsRefusedBeforeItIsSent()
    {
        var net = new TestNetwork(set: o => o.MessageSizeMax = o.AnswerSizeMax = 1024);
        net.Listen();
        Assert.Equal(StatusCode.ResourceExhausted, Failed(net.Run(() => Call(net.Connect(), new string('x', 1025)))).StatusCode);
        Assert.Equal(StatusCode.ResourceExhausted, Failed(net.Run(() => Call(net.Connect(), new string('x', 1024)))).StatusCode);
        Assert.Single(net.Seen);
    }

    [Fact]
    public void Method_NotServed_IsUnimplemented()
    {
        var net = new TestNetwork();
        net.Listen();
        var other = new Method<string, string>(MethodType.Unary, "Test", "Nothing", TestNetwork.Unary.RequestMarshaller, TestNetwork.Unary.ResponseMarshaller);
        Assert.Equal(StatusCode.Unimplemented, Failed(net.Run(async () =>
            await net.Connect().Invoker.AsyncUnaryCall(other, null, default, "x"))).StatusCode);
    }

    [Fact]
    public void BlockingCall_InAMailbox_IsRefused()
    {
        var net = new TestNetwork();
        net.Listen();
        Task<string> call = net.Run(() => Task.FromResult(net.Connect().Invoker.BlockingUnaryCall(TestNetwork.Unary, null, default, "x")));
        Assert.IsType<InvalidOperationException>(call.Exception!.InnerException);
    }

    private static async Task<string> Call(IRpcConnection connection, string request, CallOptions options = default) =>
        await connection.Invoker.AsyncUnaryCall(TestNetwork.Unary, null, options, request);

    // What has not ended when nothing is left to do never would.
    private static T Done<T>(Task<T> task)
    {
        Assert.True(task.IsCompleted, "the call did not end");
        return task.GetAwaiter().GetResult();
    }

    private static RpcException Failed<T>(Task<T> task)
    {
        Assert.True(task.IsCompleted, "the call did not end");
        return Assert.Throws<RpcException>(() => task.GetAwaiter().GetResult());
    }

    private sealed class TestPolicy : ILinkPolicy
    {
        public Func<string, string, LinkDecision>? Decision { get; set; }

        public LinkDecision Decide(string from, string to, int size) => Decision?.Invoke(from, to) ?? LinkDecision.Deliver();
    }
}
