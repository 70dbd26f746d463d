// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Swarm.Agent.Sessions;
using Swarm.Agent.Shell;
using Swarm.Agent.Tasks;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Runtime;

namespace Swarm.Agent.Logs;

/// <summary>
/// The shell of a <see cref="LogsMachine"/>: reads the tasks' output, sends it to the manager. Belongs to the agent's mailbox.
/// </summary>
internal sealed partial class LogPublisher(LogsMachine machine, TaskSet tasks, Mailbox mailbox, ILogger logger)
{
    private readonly SortedDictionary<string, Publication> _publications = new(StringComparer.Ordinal);
    private SessionConnection? _connection;

    /// <summary>Reads the stream of subscriptions to its end.</summary>
    internal async Task<bool> FollowAsync(SessionConnection connection)
    {
        _connection = connection;
        using AsyncServerStreamingCall<SubscriptionMessage> call = connection.LogBroker.ListenSubscriptions(
            new ListenSubscriptionsRequest(), cancellationToken: connection.Closed);
        while (await call.ResponseStream.MoveNext(connection.Closed))
        {
            Do(machine.Subscribed(call.ResponseStream.Current, tasks.Assigned));
        }

        return false;
    }

    internal void TaskAdded(Api.Task task) => Do(machine.TaskAdded(task));

    internal void TaskRemoved(string taskId) => machine.TaskRemoved(taskId);

    internal void SessionLost()
    {
        Do(machine.SessionLost());
        _connection = null;
    }

    private void Do(IReadOnlyList<LogsOutput> outputs)
    {
        foreach (LogsOutput output in outputs)
        {
            switch (output)
            {
                case LogsOutput.Open open when _connection is { } connection:
                    _publications[open.SubscriptionId] = new Publication(connection);
                    break;
                case LogsOutput.Read read when _publications.TryGetValue(read.SubscriptionId, out Publication? publication):
                    mailbox.Post(() => Read(read, publication));
                    break;
                case LogsOutput.Send send when _publications.TryGetValue(send.SubscriptionId, out Publication? publication):
                    mailbox.Post(() => Send(send, publication));
                    break;
                case LogsOutput.Resume resume when _publications.TryGetValue(resume.SubscriptionId, out Publication? publication):
                    publication.Resume();
                    break;
                case LogsOutput.Close close when _publications.Remove(close.SubscriptionId, out Publication? publication):
                    mailbox.Post(() => Close(close, publication));
                    break;
                default:
                    break;
            }
        }
    }

    private async void Read(LogsOutput.Read read, Publication publication)
    {
        try
        {
            Api.Task? task = tasks.Assigned.FirstOrDefault(task => task.Id == read.TaskId);
            if (task is not null && tasks.LogSource(read.TaskId) is { } source)
            {
                await foreach (TaskLogLine line in source.ReadLogsAsync(read.Options, publication.End).WithCancellation(publication.End))
                {
                    Do(machine.Line(read.SubscriptionId, task, line, out bool isFull));
                    if (isFull)
                    {
                        await publication.WaitForRoomAsync();
                    }

                    publication.End.ThrowIfCancellationRequested();
                }
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception e)
        {
            // Code of an executor: a task whose output cannot be read leaves the others' alone.
            LogReadFailed(logger, read.TaskId, e.Message);
        }

        if (!publication.End.IsCancellationRequested)
        {
            Do(machine.ReaderEnded(read.SubscriptionId, read.TaskId));
        }
    }

    private async void Send(LogsOutput.Send send, Publication publication)
    {
        try
        {
            await publication.Call.RequestStream.WriteAsync(send.Message, publication.End);
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or InvalidOperationException or IOException)
        {
            if (!publication.End.IsCancellationRequested)
            {
                LogSendFailed(logger, send.SubscriptionId, TextOf(e));
                Do(machine.Failed(send.SubscriptionId));
            }

            return;
        }

        if (!publication.End.IsCancellationRequested)
        {
            Do(machine.Sent(send.SubscriptionId));
        }
    }

    private async void Close(LogsOutput.Close close, Publication publication)
    {
        try
        {
            if (!close.AtOnce)
            {
                await publication.Call.RequestStream.CompleteAsync();
                await publication.Call.ResponseAsync;
            }
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or InvalidOperationException or IOException)
        {
            LogSendFailed(logger, close.SubscriptionId, TextOf(e));
        }

        publication.Cancel();
        publication.Resume();
    }

    private static string TextOf(Exception error) => error is RpcException rpc ? RpcErrors.ToSwarmException(rpc).Message : error.Message;

    [LoggerMessage(EventId = 102, EventName = "OutputNotRead", Level = LogLevel.Warning,
        Message = "The output of task {TaskId} cannot be read: {Reason}")]
    private static partial void LogReadFailed(ILogger logger, string taskId, string reason);

    [LoggerMessage(EventId = 103, EventName = "SubscriptionEnded", Level = LogLevel.Information,
        Message = "Log subscription {SubscriptionId} ended early: {Reason}")]
    private static partial void LogSendFailed(ILogger logger, string subscriptionId, string reason);

    // The stream of one subscription, with the readers that wait for room in its buffer.
    private sealed class Publication
    {
        private readonly CancellationTokenSource _end;
        private TaskCompletionSource? _room;

        internal Publication(SessionConnection connection)
        {
            _end = CancellationTokenSource.CreateLinkedTokenSource(connection.Closed);
            End = _end.Token;
            Call = connection.LogBroker.PublishLogs(cancellationToken: End);
        }

        internal AsyncClientStreamingCall<PublishLogsMessage, PublishLogsResponse> Call { get; }

        internal CancellationToken End { get; }

        internal Task WaitForRoomAsync() =>
            (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        internal void Resume()
        {
            _room?.SetResult();
            _room = null;
        }

        internal void Cancel()
        {
            _end.Cancel();
            Call.Dispose();

            // Else the session would remember every subscription it ever had.
            _end.Dispose();
        }
    }
}
