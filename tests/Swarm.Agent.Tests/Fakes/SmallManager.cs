// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Agent.Tests.Fakes;

/// <summary>A dispatcher and log broker as real gRPC services: one set of tasks for whoever comes, everything written down.</summary>
internal sealed class SmallManager(string name, Mailbox mailbox, IReadOnlyList<WeightedPeer> managers, params Api.Task[] tasks)
{
    internal SortedDictionary<string, TaskState> States { get; } = new(StringComparer.Ordinal);

    internal List<string> Lines { get; } = [];

    internal int Heartbeats { get; private set; }

    internal bool LogsClosed { get; private set; }

    internal IReadOnlyList<ServerServiceDefinition> Services =>
        [Api.Dispatcher.BindService(new DispatcherService(this)), Api.LogBroker.BindService(new LogBrokerService(this))];

    // Until the caller goes away.
    private Task UntilCancelledAsync(ServerCallContext context) =>
        Task.Delay(Timeout.InfiniteTimeSpan, mailbox.Time, context.CancellationToken);

    private sealed class DispatcherService(SmallManager manager) : Api.Dispatcher.DispatcherBase
    {
        public override async Task Session(
            SessionRequest request, IServerStreamWriter<SessionMessage> responseStream, ServerCallContext context)
        {
            await responseStream.WriteAsync(new SessionMessage
            {
                SessionId = manager.Name,
                Node = new Node { Id = "node-1" },
                Managers = { manager.Managers },
            });
            await manager.UntilCancelledAsync(context);
        }

        public override Task<HeartbeatResponse> Heartbeat(HeartbeatRequest request, ServerCallContext context)
        {
            if (request.SessionId != manager.Name)
            {
                throw new SwarmException(SwarmErrorCode.InvalidArgument, "session invalid");
            }

            manager.Heartbeats++;
            return Task.FromResult(new HeartbeatResponse { Period = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)) });
        }

        public override async Task Assignments(
            AssignmentsRequest request, IServerStreamWriter<AssignmentsMessage> responseStream, ServerCallContext context)
        {
            await responseStream.WriteAsync(Samples.Complete("1", [.. manager.Tasks.Select(Samples.Put)]));
            await manager.UntilCancelledAsync(context);
        }

        public override Task<UpdateTaskStatusResponse> UpdateTaskStatus(UpdateTaskStatusRequest request, ServerCallContext context)
        {
            foreach (UpdateTaskStatusRequest.Types.TaskStatusUpdate update in request.Updates)
            {
                manager.States[update.TaskId] = update.Status.State;
            }

            return Task.FromResult(new UpdateTaskStatusResponse());
        }
    }

    private sealed class LogBrokerService(SmallManager manager) : Api.LogBroker.LogBrokerBase
    {
        public override async Task ListenSubscriptions(
            ListenSubscriptionsRequest request, IServerStreamWriter<SubscriptionMessage> responseStream, ServerCallContext context)
        {
            var selector = new LogSelector { TaskIds = { "t1" } };
            await responseStream.WriteAsync(new SubscriptionMessage { Id = "late", Selector = selector });
            await manager.UntilCancelledAsync(context);
        }

        public override async Task<PublishLogsResponse> PublishLogs(
            IAsyncStreamReader<PublishLogsMessage> requestStream, ServerCallContext context)
        {
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                manager.Lines.AddRange(requestStream.Current.Messages.Select(static line => line.Data.ToStringUtf8()));
                manager.LogsClosed |= requestStream.Current.Close;
            }

            return new PublishLogsResponse();
        }
    }

    private string Name => name;

    private IReadOnlyList<WeightedPeer> Managers => managers;

    private IReadOnlyList<Api.Task> Tasks => tasks;
}
