// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;

namespace Swarm.Agent.Tests.Fakes;

/// <summary>
/// A dispatcher and log broker under the control of a test: what the calls of an agent arrive at, without a network.
/// </summary>
internal sealed class FakeManager(string address) : CallInvoker
{
    private int _ids;

    internal string Address => address;

    /// <summary>Whether calls get through.</summary>
    internal bool IsUp { get; set; } = true;

    /// <summary>Whether sessions get their first message.</summary>
    internal bool Answers { get; set; } = true;

    /// <summary>Whether heartbeats are answered.</summary>
    internal bool AnswersHeartbeats { get; set; } = true;

    internal bool HasLogBroker { get; set; } = true;

    /// <summary>What a session begins with.</summary>
    internal SessionMessage Greeting { get; set; } = new() { Node = new Node { Id = "node-1" } };

    /// <summary>What a new stream of assignments begins with; null for nothing yet.</summary>
    internal Func<AssignmentsMessage?> Assigned { get; set; } = static () => null;

    /// <summary>What reports fail with; null to take them.</summary>
    internal Func<UpdateTaskStatusRequest, Status?> ReportFailure { get; set; } = static _ => null;

    /// <summary>The features it names; null for a manager that does not know the question.</summary>
    internal string[]? Features { get; set; }

    /// <summary>What announcements of departure fail with; null to take them.</summary>
    internal Status? AnnouncementFailure { get; set; }

    /// <summary>The departure that was announced.</summary>
    internal Api.Ext.AnnounceRequest? Announcement { get; private set; }

    internal List<FakeSession> Sessions { get; } = [];

    internal FakeSession Session => Sessions[^1];

    /// <summary>The names of all calls, in order.</summary>
    internal List<string> Calls { get; } = [];

    /// <summary>What was published to each subscription.</summary>
    internal Dictionary<string, List<PublishLogsMessage>> Published { get; } = [];

    /// <summary>Subscriptions whose stream was completed.</summary>
    internal HashSet<string> Completed { get; } = [];

    /// <summary>Holds log messages back while set.</summary>
    internal TaskCompletionSource? LogGate { get; set; }

    internal void Crash()
    {
        IsUp = false;
        Sessions.ForEach(static session => session.EndAll(StatusCode.Unavailable, "connection lost"));
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        Calls.Add(method.Name);
        var stream = new FakeStream<TResponse>();
        if (!IsUp)
        {
            stream.End(StatusCode.Unavailable, "connection refused");
        }
        else
        {
            stream = (FakeStream<TResponse>)Serve(request);
        }

        options.CancellationToken.Register(() => stream.End(StatusCode.Cancelled, "cancelled by the client"));
        return new AsyncServerStreamingCall<TResponse>(
            stream, NoHeaders(), static () => Status.DefaultSuccess, static () => [], () => stream.End(StatusCode.Cancelled, "disposed"));
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        Calls.Add(method.Name);
        Assert.NotNull(options.Deadline);
        Task<TResponse> response = IsUp
            ? Answer<TResponse>(request)
            : Fail<TResponse>(new Status(StatusCode.Unavailable, "connection refused"));
        return new AsyncUnaryCall<TResponse>(response, NoHeaders(), static () => Status.DefaultSuccess, static () => [], static () => { });
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        Calls.Add(method.Name);
        var writer = new Writer(this);
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            (IClientStreamWriter<TRequest>)(object)writer,
            (Task<TResponse>)(object)writer.Response.Task,
            NoHeaders(),
            static () => Status.DefaultSuccess,
            static () => [],
            static () => { });
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

    private object Serve(object? request)
    {
        switch (request)
        {
            case SessionRequest session:
                string id = session.SessionId.Length > 0 ? session.SessionId : $"{address}-s{++_ids}";
                Sessions.Add(new FakeSession(session, id));
                if (Answers)
                {
                    SessionMessage greeting = Greeting.Clone();
                    greeting.SessionId = id;
                    Session.Messages.Send(greeting);
                }

                return Session.Messages;
            case AssignmentsRequest assignments:
                Assert.Equal(Session.Id, assignments.SessionId);
                var stream = new FakeStream<AssignmentsMessage>();
                Session.Assignments.Add(stream);
                if (Assigned() is { } first)
                {
                    stream.Send(first);
                }

                return stream;
            default:
                Session.Subscriptions = new FakeStream<SubscriptionMessage>();
                if (!HasLogBroker)
                {
                    Session.Subscriptions.End(StatusCode.Unimplemented, "unknown service");
                }

                return Session.Subscriptions;
        }
    }

    private Task<TResponse> Answer<TResponse>(object? request)
    {
        if (request is HeartbeatRequest heartbeat)
        {
            Assert.Equal(Session.Id, heartbeat.SessionId);
            Session.Heartbeats++;
            var period = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(5));
            return AnswersHeartbeats
                ? Task.FromResult((TResponse)(object)new HeartbeatResponse { Period = period })
                : new TaskCompletionSource<TResponse>().Task;
        }

        switch (request)
        {
            case Api.Ext.CapabilitiesRequest:
                return Features is { } features
                    ? Task.FromResult((TResponse)(object)new Api.Ext.CapabilitiesResponse { Features = { features } })
                    : Fail<TResponse>(new Status(StatusCode.Unimplemented, "unknown service"));
            case Api.Ext.AnnounceRequest announcement:
                Assert.Equal(Session.Id, announcement.SessionId);
                Announcement = announcement;
                return AnnouncementFailure is { } refusal
                    ? Fail<TResponse>(refusal)
                    : Task.FromResult((TResponse)(object)new Api.Ext.AnnounceResponse());
        }

        var report = (UpdateTaskStatusRequest)(object)request!;
        Assert.Equal(Session.Id, report.SessionId);
        if (ReportFailure(report) is { } failure)
        {
            return Fail<TResponse>(failure);
        }

        Session.Reports.Add(report);
        return Task.FromResult((TResponse)(object)new UpdateTaskStatusResponse());
    }

    private static Task<T> Fail<T>(Status status) => Task.FromException<T>(new RpcException(status));

    private static Task<Metadata> NoHeaders() => Task.FromResult(new Metadata());

    private sealed class Writer(FakeManager manager) : IClientStreamWriter<PublishLogsMessage>
    {
        private string _subscription = "";

        internal TaskCompletionSource<PublishLogsResponse> Response { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public WriteOptions? WriteOptions { get; set; }

        public async Task WriteAsync(PublishLogsMessage message)
        {
            if (manager.LogGate is { } gate)
            {
                await gate.Task;
            }

            _subscription = message.SubscriptionId;
            if (!manager.Published.TryGetValue(_subscription, out var messages))
            {
                manager.Published[_subscription] = messages = [];
            }

            messages.Add(message);
        }

        Task IAsyncStreamWriter<PublishLogsMessage>.WriteAsync(PublishLogsMessage message, CancellationToken cancellationToken) =>
            WriteAsync(message);

        public Task CompleteAsync()
        {
            manager.Completed.Add(_subscription);
            Response.SetResult(new PublishLogsResponse());
            return Task.CompletedTask;
        }
    }
}
