// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Store;

namespace Swarm.Manager;

/// <summary>
/// The service that workers talk to: sessions, heartbeats, assignments and status reports. It decides nothing; it carries calls to
/// the dispatcher's stepped machine and back, in its mailbox. Thread-safe.
/// </summary>
public sealed class DispatcherService : Dispatcher.DispatcherBase, IAsyncDisposable
{
    private readonly DispatcherCore _core;
    private readonly Reactor _reactor;
    private readonly string _localAddr;
    private readonly OutgoingStreams _streams;
    private readonly Dictionary<long, TaskCompletionSource> _reports = [];

    /// <summary>Makes the service; <see cref="Start"/> it to begin.</summary>
    /// <param name="writer">The store.</param>
    /// <param name="options">Settings; checked here.</param>
    /// <param name="mailbox">Where it runs.</param>
    /// <param name="managerNodeId">The node id of this manager.</param>
    /// <param name="advertiseAddress">
    /// Address under which other nodes reach this one, HOST:PORT; HOST is what a local agent is noted with.
    /// </param>
    /// <param name="ids">For session ids.</param>
    /// <param name="seed">For the jitter of heartbeats.</param>
    /// <param name="logger">Where failures go; nowhere if null.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public DispatcherService(
        StoreWriter writer,
        DispatcherOptions options,
        Mailbox mailbox,
        string managerNodeId,
        string advertiseAddress,
        IIdSource ids,
        ulong seed,
        ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _localAddr = HostOf(advertiseAddress);
        _core = new DispatcherCore(options, managerNodeId, new SeededRandom(seed), ids);
        _reactor = new Reactor(writer, mailbox, _core, CarryOut, logger ?? NullLogger.Instance);
        _streams = new OutgoingStreams(_reactor, _core.OnDrained, (stream, _) => _core.OnStreamClosed(stream));
    }

    /// <summary>Begins to follow the store.</summary>
    public void Start() => _reactor.Start();

    /// <summary>Sets the managers that nodes are told of.</summary>
    /// <param name="managers">The managers, each with its node id and address.</param>
    public void SetManagers(IReadOnlyList<WeightedPeer> managers) =>
        _reactor.Mailbox.Post(() => _reactor.Step(_ => _core.SetManagers(managers)));

    /// <inheritdoc/>
    public override Task Session(SessionRequest request, IServerStreamWriter<SessionMessage> responseStream, ServerCallContext context)
    {
        ICallerIdentity caller = context.GetCaller();
        string addr = caller.RemoteAddress.Length == 0 ? _localAddr : HostOf(caller.RemoteAddress);
        return _streams.ServeAsync(
            responseStream,
            (stream, now) => _core.OpenSession(stream, caller.NodeId, request.SessionId, request.Description, addr, now),
            context.CancellationToken);
    }

    /// <inheritdoc/>
    public override Task Assignments(
        AssignmentsRequest request, IServerStreamWriter<AssignmentsMessage> responseStream, ServerCallContext context)
    {
        string nodeId = context.GetCaller().NodeId;
        return _streams.ServeAsync(
            responseStream,
            (stream, now) => _core.OpenAssignments(stream, nodeId, request.SessionId, now),
            context.CancellationToken);
    }

    /// <inheritdoc/>
    public override Task<HeartbeatResponse> Heartbeat(HeartbeatRequest request, ServerCallContext context)
    {
        string nodeId = context.GetCaller().NodeId;
        return _reactor.Mailbox.InvokeAsync(() => _reactor.Step(now => new HeartbeatResponse
        {
            Period = Duration.FromTimeSpan(_core.OnHeartbeat(nodeId, request.SessionId, now)),
        }));
    }

    /// <inheritdoc/>
    public override Task<UpdateTaskStatusResponse> UpdateTaskStatus(UpdateTaskStatusRequest request, ServerCallContext context)
    {
        string nodeId = context.GetCaller().NodeId;
        return AnsweredAsync(
            (number, now) => _core.OnStatuses(number, nodeId, request.SessionId, request.Updates, now),
            new UpdateTaskStatusResponse(),
            context.CancellationToken);
    }

    /// <summary>A node says that it leaves.</summary>
    internal Task<AnnounceResponse> AnnounceAsync(AnnounceRequest request, ServerCallContext context)
    {
        string nodeId = context.GetCaller().NodeId;
        return AnsweredAsync(
            (number, _) => _core.OnDeparture(number, nodeId, request.SessionId), new AnnounceResponse(), context.CancellationToken);
    }

    /// <inheritdoc/>
    public override Task<UpdateVolumeStatusResponse> UpdateVolumeStatus(UpdateVolumeStatusRequest request, ServerCallContext context)
    {
        string nodeId = context.GetCaller().NodeId;
        return _reactor.Mailbox.InvokeAsync(() => _reactor.Step(_ =>
        {
            _core.CheckSession(nodeId, request.SessionId);
            return request.Updates.Count == 0
                ? new UpdateVolumeStatusResponse()
                : throw new SwarmException(
                    SwarmErrorCode.Unimplemented, "this version has no cluster volumes, so none can change its status");
        }));
    }

    /// <inheritdoc/>
    public override Task Tasks(TasksRequest request, IServerStreamWriter<TasksMessage> responseStream, ServerCallContext context) =>
        throw new SwarmException(SwarmErrorCode.Unimplemented, "the Tasks stream is no longer served; use Assignments");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _reactor.DisposeAsync();

    // Hands a call to the core, which answers it when what it asks for is written.
    private Task<T> AnsweredAsync<T>(Action<long, DateTimeOffset> call, T response, CancellationToken cancellationToken) =>
        _reactor.Mailbox.RunAsync(async () =>
        {
            long number = _streams.NextNumber();
            var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _reports.Add(number, written);
            try
            {
                _reactor.Step(now => Run(() => call(number, now)));
                using (cancellationToken.Register(() => written.TrySetCanceled(cancellationToken)))
                {
                    await written.Task;
                }
            }
            finally
            {
                _reports.Remove(number);
            }

            return response;
        });

    private static bool Run(Action action)
    {
        action();
        return true;
    }

    // IP:PORT, [IP]:PORT or a bare host.
    private static string HostOf(string address)
    {
        int colon = address.LastIndexOf(':');
        bool hasPort = colon > 0 && (address[colon - 1] == ']' || address.IndexOf(':', StringComparison.Ordinal) == colon);
        return (hasPort ? address[..colon] : address).Trim('[', ']');
    }

    private void CarryOut()
    {
        for (IReadOnlyList<DispatcherOutput> outputs = _core.TakeOutputs(); outputs.Count > 0; outputs = _core.TakeOutputs())
        {
            foreach (DispatcherOutput output in outputs)
            {
                CarryOut(output);
            }
        }
    }

    private void CarryOut(DispatcherOutput output)
    {
        switch (output)
        {
            case DispatcherOutput.SendSession send:
                _streams.Send(send.Stream, send.Message);
                break;
            case DispatcherOutput.SendAssignments send:
                _streams.Send(send.Stream, send.Message);
                break;
            case DispatcherOutput.CloseStream close:
                _streams.Close(close.Stream, new SwarmException(close.Code, close.Reason));
                break;
            case DispatcherOutput.Post post:
                _reactor.Post(post.Command.Name, post.Command.Apply, (error, now) => _core.OnPosted(post.Id, error, now));
                break;
            case DispatcherOutput.AnswerStatus answer when _reports.TryGetValue(answer.Request, out TaskCompletionSource? report):
                if (answer.Error is null)
                {
                    report.TrySetResult();
                }
                else
                {
                    report.TrySetException(answer.Error);
                }

                break;
        }
    }
}
