// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Swarm.Agent.Sessions;
using Swarm.Agent.Shell;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;

namespace Swarm.Agent.Statuses;

/// <summary>
/// The shell of a <see cref="StatusReporterCore"/>: sends its batches on the open session. Belongs to the agent's mailbox.
/// </summary>
internal sealed partial class StatusReporter
{
    private readonly SwarmAgentOptions _options;
    private readonly StatusReporterCore _core;
    private readonly Mailbox _mailbox;
    private readonly ILogger _logger;
    private readonly SteadyClock _clock;
    private readonly Alarm _retry;
    private SessionConnection? _connection;
    private TaskCompletionSource? _settled;
    private bool _waitsForRetry;
    private bool _isPosted;

    internal StatusReporter(SwarmAgentOptions options, Mailbox mailbox, ILogger logger)
    {
        _options = options;
        _core = new StatusReporterCore(options.StatusesPerReportMax);
        _mailbox = mailbox;
        _logger = logger;
        _clock = new SteadyClock(mailbox.Time);
        _retry = new Alarm(mailbox, () => _clock.Now, Retry);
    }

    internal void Set(string taskId, TaskStatus status)
    {
        _core.Set(taskId, status);
        Go();
    }

    internal void Remove(string taskId) => _core.Remove(taskId);

    internal void SessionOpened(SessionConnection connection)
    {
        _connection = connection;
        _waitsForRetry = false;
        _retry.Set(null);
        _core.SessionOpened();
        Go();
    }

    internal void SessionLost()
    {
        _connection = null;
        _core.SessionLost();
        _settled?.TrySetResult();
        _settled = null;
    }

    /// <summary>Waits until everything has been reported.</summary>
    /// <returns>Ends when it has, or when there is no session to report on.</returns>
    internal Task WhenSettledAsync()
    {
        if (_connection is null || _core.IsSettled)
        {
            return Task.CompletedTask;
        }

        _settled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _settled.Task;
    }

    internal void Stop()
    {
        SessionLost();
        _retry.Stop();
    }

    // In a turn of its own, so that all that this turn still brings goes along.
    private void Go()
    {
        if (!_isPosted)
        {
            _isPosted = true;
            _mailbox.Post(SendNext);
        }
    }

    private void SendNext()
    {
        _isPosted = false;
        if (_connection is { } connection && !_waitsForRetry && _core.TryTakeBatch() is { } batch)
        {
            Send(connection, batch);
        }
        else if (_core.IsSettled)
        {
            _settled?.TrySetResult();
            _settled = null;
        }
    }

    private void Retry()
    {
        _waitsForRetry = false;
        Go();
    }

    private async void Send(SessionConnection connection, IReadOnlyList<(string TaskId, TaskStatus Status)> batch)
    {
        var request = new UpdateTaskStatusRequest { SessionId = connection.SessionId };
        foreach ((string taskId, TaskStatus status) in batch)
        {
            request.Updates.Add(new UpdateTaskStatusRequest.Types.TaskStatusUpdate { TaskId = taskId, Status = status });
        }

        RpcException? error = null;
        try
        {
            DateTime deadline = (_mailbox.Time.GetUtcNow() + _options.RpcTimeout).UtcDateTime;
            await connection.Dispatcher.UpdateTaskStatusAsync(request, deadline: deadline, cancellationToken: connection.Closed);
        }
        catch (RpcException e)
        {
            error = e;
        }
        catch (OperationCanceledException)
        {
            // The session was closed; what was under way is reported again in the next.
        }

        if (ReferenceEquals(connection, _connection) && !connection.Closed.IsCancellationRequested)
        {
            TakeResult(connection, error);
        }
    }

    private void TakeResult(SessionConnection connection, RpcException? error)
    {
        switch (error?.StatusCode)
        {
            case null:
                _core.BatchDone();
                break;
            case StatusCode.PermissionDenied:
                if (_core.BatchRefused() is { } taskId)
                {
                    LogRefused(_logger, taskId, error.Status.Detail);
                }

                break;
            case StatusCode.InvalidArgument or StatusCode.NotFound or StatusCode.Aborted:
                // The manager does not know the session any more.
                _core.BatchFailed();
                connection.PartEnded(SessionPart.Report, error.StatusCode, error.Status.Detail);
                return;
            default:
                LogFailed(_logger, RpcErrors.ToSwarmException(error).Message);
                _core.BatchFailed();
                _waitsForRetry = true;
                _retry.Set(_clock.Now + _options.RetryDelay);
                return;
        }

        Go();
    }

    [LoggerMessage(EventId = 109, EventName = "StatusRefused", Level = LogLevel.Warning,
        Message = "The manager refuses the status of task {TaskId}: {Reason}")]
    private static partial void LogRefused(ILogger logger, string taskId, string reason);

    [LoggerMessage(EventId = 110, EventName = "StatusesNotSent", Level = LogLevel.Information,
        Message = "Task statuses did not reach the manager, they are sent again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
