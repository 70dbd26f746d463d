// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Security;
using Swarm.Simulation;
using Update = Swarm.Api.UpdateTaskStatusRequest.Types.TaskStatusUpdate;

namespace Swarm.Manager.Tests.EndToEnd;

/// <summary>A node written by hand: it joins, holds a session, "runs" what it is assigned and answers readers of logs.</summary>
#pragma warning disable CA1001 // It lives as long as its world.
internal sealed class FakeNode(IMailboxFactory host, InMemoryHost network, ICertificateIssuer issuer, string hostname)
#pragma warning restore CA1001
{
    private readonly NodeCredentialsSource _credentials = new();
    private readonly CancellationTokenSource _stop = new();
    private CertificateKeyPair? _request;

    public Mailbox Mailbox { get; } = host.Create("agent");

    public string Hostname => hostname;

    public string Id => _credentials.Current!.NodeId;

    public NodeCredentials Credentials => _credentials.Current!;

    public SortedDictionary<string, Api.Task> Tasks { get; } = new(StringComparer.Ordinal);

    public List<string> Dependencies { get; } = [];

    /// <summary>Tasks in the last complete set; a node stops those that are not.</summary>
    public int TasksTakenOver { get; private set; }

    public SessionMessage? LastSession { get; private set; }

    public string? LastError { get; private set; }

    public async Task JoinAsync(string token)
    {
        await using IRpcConnection unverified = network.CreateConnector(RpcTrust.Unverified)
            .Connect(ManagerWorld.Address, SwarmRoleNames.CertificateAuthority);
        var ca = new CA.CAClient(unverified.Invoker);
        ByteString root = (await ca.GetRootCACertificateAsync(new GetRootCACertificateRequest())).Certificate;
        await using IRpcConnection verified = network.CreateConnector(RpcTrust.RootOnly(root))
            .Connect(ManagerWorld.Address, SwarmRoleNames.CertificateAuthority);
        await ObtainAsync(new NodeCA.NodeCAClient(verified.Invoker), token, root);
    }

    public async Task RenewAsync()
    {
        await using IRpcConnection connection = Connect();
        await ObtainAsync(new NodeCA.NodeCAClient(connection.Invoker), "", Credentials.RootPem);
    }

    public IRpcConnection Connect() =>
        network.CreateConnector(RpcTrust.Mutual(_credentials)).Connect(ManagerWorld.Address, SwarmRoleNames.Manager);

    public void Start() => Mailbox.Post(RunAsync);

    public void Stop() => Mailbox.Post(_stop.Cancel);

    public void Crash() => ((SimulatedHost)host).Crash();

    private async Task ObtainAsync(NodeCA.NodeCAClient ca, string token, ByteString root)
    {
        _request = issuer.CreateRequest();
        IssueNodeCertificateResponse issued = await ca.IssueNodeCertificateAsync(
            new IssueNodeCertificateRequest { Csr = _request.CertificatePem, Token = token });
        NodeCertificateStatusResponse status = await ca.NodeCertificateStatusAsync(
            new NodeCertificateStatusRequest { NodeId = issued.NodeId });
        Assert.Equal(IssuanceStatus.Types.State.Issued, status.Status.State);
        Assert.Equal(_request.CertificatePem, status.Certificate.Csr);
        var pair = new CertificateKeyPair(status.Certificate.Certificate_, _request.KeyPem);
        _credentials.Replace(NodeCredentials.Create(issuer, pair, root));
    }

    // Opens sessions one after the other, as an agent does, with a pause in between.
    private async void RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await HoldSessionAsync();
            }
            catch (RpcException e)
            {
                LastError = $"{e.StatusCode}: {e.Status.Detail}";
            }
            catch (OperationCanceledException)
            {
                // One of its streams broke, or it is to stop.
            }

            try
            {
                await Task.Delay(TimeSpan.FromSeconds(4), Mailbox.Time, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task HoldSessionAsync()
    {
        await using IRpcConnection connection = Connect();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var dispatcher = new Dispatcher.DispatcherClient(connection.Invoker);
        var request = new SessionRequest { Description = new NodeDescription { Hostname = hostname } };
        using AsyncServerStreamingCall<SessionMessage> session = dispatcher.Session(request, cancellationToken: ended.Token);
        Assert.True(await session.ResponseStream.MoveNext(ended.Token));
        LastSession = session.ResponseStream.Current;
        string id = LastSession.SessionId;
        _ = GuardAsync(() => BeatAsync(dispatcher, id, ended.Token), ended);
        _ = GuardAsync(() => WorkAsync(dispatcher, id, ended.Token), ended);
        _ = GuardAsync(() => ServeLogsAsync(new LogBroker.LogBrokerClient(connection.Invoker), ended.Token), ended);
        try
        {
            while (await session.ResponseStream.MoveNext(ended.Token))
            {
                LastSession = session.ResponseStream.Current;
            }
        }
        finally
        {
            ended.Cancel();
        }
    }

    private async Task GuardAsync(Func<Task> work, CancellationTokenSource ended)
    {
        try
        {
            await work();
        }
        catch (RpcException e)
        {
            LastError = $"{e.StatusCode}: {e.Status.Detail}";
            ended.Cancel();
        }
        catch (OperationCanceledException)
        {
            // The session ended.
        }
    }

    private async Task BeatAsync(Dispatcher.DispatcherClient dispatcher, string session, CancellationToken cancellationToken)
    {
        while (true)
        {
            HeartbeatResponse response = await dispatcher.HeartbeatAsync(
                new HeartbeatRequest { SessionId = session }, cancellationToken: cancellationToken);
            await Task.Delay(response.Period.ToTimeSpan(), Mailbox.Time, cancellationToken);
        }
    }

    private async Task WorkAsync(Dispatcher.DispatcherClient dispatcher, string session, CancellationToken cancellationToken)
    {
        using AsyncServerStreamingCall<AssignmentsMessage> assignments = dispatcher.Assignments(
            new AssignmentsRequest { SessionId = session }, cancellationToken: cancellationToken);
        while (await assignments.ResponseStream.MoveNext(cancellationToken))
        {
            AssignmentsMessage message = assignments.ResponseStream.Current;
            if (message.Type == AssignmentsMessage.Types.Type.Complete)
            {
                Tasks.Clear();
                TasksTakenOver = message.Changes.Count(change => change.Assignment.Task is not null);
                Dependencies.Clear();
            }

            foreach (AssignmentChange change in message.Changes)
            {
                Take(change);
            }

            await ReportAsync(dispatcher, session, cancellationToken);
        }
    }

    private void Take(AssignmentChange change)
    {
        bool update = change.Action == AssignmentChange.Types.AssignmentAction.Update;
        if (change.Assignment.Task is { } task)
        {
            if (update)
            {
                Tasks[task.Id] = Tasks.TryGetValue(task.Id, out Api.Task? known) ? task.WithStatus(known.Status) : task;
            }
            else
            {
                Tasks.Remove(task.Id);
            }
        }
        else
        {
            string name = change.Assignment.Secret?.Spec?.Annotations.Name ?? change.Assignment.Config?.Spec?.Annotations.Name ?? "";
            if (update)
            {
                Dependencies.Add(name);
            }
        }
    }

    private async Task ReportAsync(Dispatcher.DispatcherClient dispatcher, string session, CancellationToken cancellationToken)
    {
        foreach (Api.Task task in Tasks.Values.ToList())
        {
            bool run = task.DesiredState == TaskState.Running;
            TaskState[] states = task.Status.State >= TaskState.Complete ? []
                : run ? [TaskState.Accepted, TaskState.Preparing, TaskState.Running]
                : task.DesiredState > TaskState.Running ? [TaskState.Shutdown] : [TaskState.Accepted, TaskState.Ready];
            foreach (TaskState state in states.Where(state => state > task.Status.State))
            {
                var status = new Api.TaskStatus
                {
                    State = state,
                    Message = state.ToString(),
                    Timestamp = Timestamp.FromDateTimeOffset(Mailbox.Time.GetUtcNow()),
                };
                Tasks[task.Id] = task.WithStatus(status);
                var update = new Update { TaskId = task.Id, Status = status };
                var request = new UpdateTaskStatusRequest { SessionId = session, Updates = { update } };
                await dispatcher.UpdateTaskStatusAsync(request, cancellationToken: cancellationToken);
            }
        }
    }

    private async Task ServeLogsAsync(LogBroker.LogBrokerClient broker, CancellationToken cancellationToken)
    {
        using AsyncServerStreamingCall<SubscriptionMessage> listening = broker.ListenSubscriptions(
            new ListenSubscriptionsRequest(), cancellationToken: cancellationToken);
        while (await listening.ResponseStream.MoveNext(cancellationToken))
        {
            SubscriptionMessage subscription = listening.ResponseStream.Current;
            if (subscription.Close)
            {
                continue;
            }

            using AsyncClientStreamingCall<PublishLogsMessage, PublishLogsResponse> publishing =
                broker.PublishLogs(cancellationToken: cancellationToken);
            foreach (Api.Task task in Tasks.Values.Where(task => subscription.Selector.ServiceIds.Contains(task.ServiceId)))
            {
                var line = new LogMessage
                {
                    Context = new LogContext { NodeId = Id, ServiceId = task.ServiceId, TaskId = task.Id },
                    Timestamp = Timestamp.FromDateTimeOffset(Mailbox.Time.GetUtcNow()),
                    Stream = LogStream.Stdout,
                    Data = ByteString.CopyFrom(Encoding.UTF8.GetBytes($"hello from {task.Id}\n")),
                };
                await publishing.RequestStream.WriteAsync(
                    new PublishLogsMessage { SubscriptionId = subscription.Id, Messages = { line } }, CancellationToken.None);
            }

            await publishing.RequestStream.WriteAsync(
                new PublishLogsMessage { SubscriptionId = subscription.Id, Close = true }, CancellationToken.None);
            await publishing.RequestStream.CompleteAsync();
            await publishing;
        }
    }
}
