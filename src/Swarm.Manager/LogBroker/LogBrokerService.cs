// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Store;

namespace Swarm.Manager;

/// <summary>
/// The service through which nodes learn whose output is wanted, and send it. <see cref="LogsService"/> is its other side, for readers. It
/// decides nothing; it carries calls to a stepped machine and back, in its mailbox. Thread-safe.
/// </summary>
public sealed class LogBrokerService : LogBroker.LogBrokerBase, IAsyncDisposable
{
    private readonly LogBrokerCore _core;
    private readonly Reactor _reactor;
    private readonly OutgoingStreams _streams;
    private readonly Dictionary<long, TaskCompletionSource> _blocked = [];

    /// <summary>Makes the service; <see cref="Start"/> it to begin.</summary>
    /// <param name="writer">The store.</param>
    /// <param name="options">Settings; checked here.</param>
    /// <param name="mailbox">Where it runs.</param>
    /// <param name="ids">For ids of subscriptions.</param>
    /// <param name="logger">Where failures go; nowhere if null.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public LogBrokerService(StoreWriter writer, LogBrokerOptions options, Mailbox mailbox, IIdSource ids, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _core = new LogBrokerCore(options, ids);
        _reactor = new Reactor(writer, mailbox, _core, CarryOut, logger ?? NullLogger.Instance);
        _streams = new OutgoingStreams(_reactor, _core.OnDrained, _core.OnStreamClosed);
    }

    /// <summary>Begins to follow the store.</summary>
    public void Start() => _reactor.Start();

    /// <inheritdoc/>
    public override Task ListenSubscriptions(
        ListenSubscriptionsRequest request, IServerStreamWriter<SubscriptionMessage> responseStream, ServerCallContext context)
    {
        string nodeId = context.GetCaller().NodeId;
        return _streams.ServeAsync(responseStream, (stream, _) => _core.Listen(stream, nodeId), context.CancellationToken);
    }

    /// <inheritdoc/>
    public override Task<PublishLogsResponse> PublishLogs(IAsyncStreamReader<PublishLogsMessage> requestStream, ServerCallContext context)
    {
        string nodeId = context.GetCaller().NodeId;
        return _reactor.Mailbox.RunAsync(async () =>
        {
            long number = _streams.NextNumber();
            try
            {
                while (await requestStream.MoveNext(context.CancellationToken))
                {
                    await PublishAsync(number, nodeId, requestStream.Current, context.CancellationToken);
                }
            }
            finally
            {
                _reactor.Step(now => _core.OnPublisherClosed(number, nodeId, now));
            }

            return new PublishLogsResponse();
        });
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _reactor.DisposeAsync();

    internal Task SubscribeAsync(
        SubscribeLogsRequest request, IServerStreamWriter<SubscribeLogsMessage> writer, CancellationToken cancellationToken) =>
        _streams.ServeAsync(writer, (stream, now) => _core.Subscribe(stream, request.Selector, request.Options, now), cancellationToken);

    private async Task PublishAsync(long number, string nodeId, PublishLogsMessage message, CancellationToken cancellationToken)
    {
        while (!_reactor.Step(now => _core.Publish(number, nodeId, message, now)))
        {
            // While this waits nothing is read from the node, so its stream fills up and it waits too.
            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _blocked[number] = room;
            try
            {
                using (cancellationToken.Register(() => room.TrySetCanceled(cancellationToken)))
                {
                    await room.Task;
                }
            }
            finally
            {
                _blocked.Remove(number);
            }
        }
    }

    private void CarryOut()
    {
        for (IReadOnlyList<LogBrokerOutput> outputs = _core.TakeOutputs(); outputs.Count > 0; outputs = _core.TakeOutputs())
        {
            foreach (LogBrokerOutput output in outputs)
            {
                CarryOut(output);
            }
        }
    }

    private void CarryOut(LogBrokerOutput output)
    {
        switch (output)
        {
            case LogBrokerOutput.SendLines send:
                _streams.Send(send.Stream, send.Message);
                break;
            case LogBrokerOutput.SendSubscription send:
                _streams.Send(send.Stream, send.Message);
                break;
            case LogBrokerOutput.CloseStream close:
                _streams.Close(close.Stream, close.Reason);
                break;
            case LogBrokerOutput.ResumePublisher resume when _blocked.TryGetValue(resume.Publisher, out TaskCompletionSource? room):
                room.TrySetResult();
                break;
        }
    }
}
