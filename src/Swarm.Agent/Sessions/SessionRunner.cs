// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Swarm.Agent.Shell;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;

namespace Swarm.Agent.Sessions;

/// <summary>The shell of a <see cref="SessionMachine"/>: connections, streams and calls. Belongs to the agent's mailbox.</summary>
internal sealed partial class SessionRunner
{
    private readonly SwarmAgentOptions _options;
    private readonly SessionMachine _machine;
    private readonly IRpcConnector _connector;
    private readonly Mailbox _mailbox;
    private readonly ISessionEvents _events;
    private readonly ILogger _logger;
    private readonly SteadyClock _clock;
    private readonly Alarm _alarm;
    private readonly Queue<SessionInput> _inputs = new();
    private SessionConnection? _connection;
    private bool _isStepping;
    private bool _isDescribing;

    internal SessionRunner(
        SwarmAgentOptions options, SessionMachine machine, IRpcConnector connector, Mailbox mailbox, ISessionEvents events, ILogger logger)
    {
        _options = options;
        _machine = machine;
        _connector = connector;
        _mailbox = mailbox;
        _events = events;
        _logger = logger;
        _clock = new SteadyClock(mailbox.Time);
        _alarm = new Alarm(mailbox, () => _clock.Now, () => Step(new SessionInput.Ticked()));
    }

    internal void Start() => Step(new SessionInput.Started());

    internal void Reopen() => Step(new SessionInput.Reopen());

    internal void Stop()
    {
        Step(new SessionInput.Stopped());
        _alarm.Stop();
    }

    /// <summary>
    /// Tells the manager that this node leaves, where the manager takes that; where it does not, or does not answer, it will notice in its own
    /// time. Does nothing without an open session.
    /// </summary>
    /// <param name="grace">How long the node's tasks may take to end.</param>
    /// <returns>Ends when the manager knows, or cannot be told.</returns>
    internal async Task AnnounceDepartureAsync(TimeSpan grace)
    {
        if (!_machine.IsOpen || _connection is not { } connection)
        {
            return;
        }

        DateTime deadline = (_mailbox.Time.GetUtcNow() + _options.RpcTimeout).UtcDateTime;
        try
        {
            Api.Ext.CapabilitiesResponse peer = await connection.Peer.CapabilitiesAsync(
                new Api.Ext.CapabilitiesRequest(), deadline: deadline, cancellationToken: connection.Closed);
            if (peer.Features.Contains(NodeDeparture.Feature))
            {
                var request = new Api.Ext.AnnounceRequest { SessionId = connection.SessionId, Grace = Duration.FromTimeSpan(grace) };
                await connection.Departure.AnnounceAsync(request, deadline: deadline, cancellationToken: connection.Closed);
            }
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unimplemented)
        {
            // A manager of SwarmKit.
        }
        catch (RpcException e)
        {
            LogNotAnnounced(_logger, RpcErrors.ToSwarmException(e).Message);
        }
        catch (OperationCanceledException)
        {
            // The session ended meanwhile; the next one is told again.
        }
    }

    // An output can lead to an input before the outputs after it are done: inputs wait their turn.
    private void Step(SessionInput input)
    {
        _inputs.Enqueue(input);
        if (_isStepping)
        {
            return;
        }

        _isStepping = true;
        while (_inputs.TryDequeue(out SessionInput? next))
        {
            foreach (SessionOutput output in _machine.Step(next, _clock.Now))
            {
                Do(output);
            }
        }

        _isStepping = false;
        _alarm.Set(_machine.NextDue);
    }

    private void Do(SessionOutput output)
    {
        switch (output)
        {
            case SessionOutput.ReadDescription:
                Describe();
                break;
            case SessionOutput.Open open:
                Open(open);
                break;
            case SessionOutput.Close:
                Close();
                break;
            case SessionOutput.SendHeartbeat heartbeat:
                Call(SessionPart.Heartbeat, connection => HeartbeatAsync(connection, heartbeat.SessionId));
                break;
            case SessionOutput.OpenSubscriptions:
                Call(SessionPart.Subscriptions, _events.FollowSubscriptionsAsync);
                break;
            case SessionOutput.OpenAssignments:
                Call(SessionPart.Assignments, _events.FollowAssignmentsAsync);
                break;
            case SessionOutput.Opened opened:
                _connection!.SessionId = opened.SessionId;
                LogOpened(_logger, opened.SessionId, opened.Manager);
                _events.OnOpened(_connection, opened.Manager);
                break;
            case SessionOutput.Lost lost:
                LogLost(_logger, lost.Part, lost.Status, lost.Reason, lost.Wait.TotalSeconds);
                _events.OnLost(lost.Status, lost.Reason);
                break;
            default:
                _events.OnChanged(output);
                break;
        }
    }

    private async void Describe()
    {
        if (_isDescribing)
        {
            return;
        }

        _isDescribing = true;
        NodeDescription description = await _events.DescribeAsync();
        _isDescribing = false;
        Step(new SessionInput.Described(description));
    }

    private void Open(SessionOutput.Open open)
    {
        try
        {
            _connection = SessionConnection.Open(open.Epoch, _connector.Connect(open.Manager, _options.ManagerServerName), Step);
        }
        catch (SwarmException e)
        {
            Step(new SessionInput.PartEnded(open.Epoch, SessionPart.Session, StatusCode.Unavailable, e.Message));
            return;
        }

        var request = new SessionRequest { Description = open.Description, SessionId = open.SessionId };
        Call(SessionPart.Session, connection => SessionAsync(connection, request));
    }

    private async void Close()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            _events.OnClosed();
            await connection.DisposeAsync();
        }
    }

    // In a turn of its own: what a call brings at once must not run in the middle of a step.
    private void Call(SessionPart part, Func<SessionConnection, Task<bool>> call)
    {
        if (_connection is { } connection)
        {
            _mailbox.Post(() => Run(connection, part, call));
        }
    }

    // The one place where streams and calls of a session end: however that happens, the machine is told.
    private async void Run(SessionConnection connection, SessionPart part, Func<SessionConnection, Task<bool>> call)
    {
        if (connection.Closed.IsCancellationRequested)
        {
            return;
        }

        StatusCode status = StatusCode.OK;
        string detail = "";
        try
        {
            if (await call(connection))
            {
                return;
            }
        }
        catch (RpcException e)
        {
            (status, detail) = (e.StatusCode, RpcErrors.ToSwarmException(e).Message);
        }
        catch (OperationCanceledException)
        {
            (status, detail) = (StatusCode.Cancelled, "cancelled");
        }
        catch (SwarmException e)
        {
            (status, detail) = (StatusCode.Unavailable, e.Message);
        }
        catch (Exception e)
        {
            LogDefect(_logger, e, part);
            (status, detail) = (StatusCode.Internal, e.Message);
        }

        if (!connection.Closed.IsCancellationRequested)
        {
            connection.PartEnded(part, status, detail);
        }
    }

    private static async Task<bool> SessionAsync(SessionConnection connection, SessionRequest request)
    {
        using AsyncServerStreamingCall<SessionMessage> call = connection.Dispatcher.Session(request, cancellationToken: connection.Closed);
        while (await call.ResponseStream.MoveNext(connection.Closed))
        {
            connection.Tell(new SessionInput.MessageReceived(connection.Epoch, call.ResponseStream.Current));
        }

        return false;
    }

    private async Task<bool> HeartbeatAsync(SessionConnection connection, string sessionId)
    {
        DateTime deadline = (_mailbox.Time.GetUtcNow() + _options.RpcTimeout).UtcDateTime;
        HeartbeatResponse response = await connection.Dispatcher.HeartbeatAsync(
            new HeartbeatRequest { SessionId = sessionId }, deadline: deadline, cancellationToken: connection.Closed);
        connection.Tell(new SessionInput.HeartbeatAnswered(connection.Epoch, response.Period.OrDefault(SwarmDefaults.HeartbeatPeriod)));
        return true;
    }

    [LoggerMessage(EventId = 105, EventName = "SessionOpened", Level = LogLevel.Information,
        Message = "Session {SessionId} is open with manager {Manager}")]
    private static partial void LogOpened(ILogger logger, string sessionId, string manager);

    [LoggerMessage(EventId = 106, EventName = "SessionLost", Level = LogLevel.Warning,
        Message = "No session ({Part}, {Status}): {Reason}; trying again in {Wait:0.0} s")]
    private static partial void LogLost(ILogger logger, SessionPart part, StatusCode status, string reason, double wait);

    [LoggerMessage(EventId = 107, EventName = "SessionDefect", Level = LogLevel.Error, Message = "Unexpected end of {Part}")]
    private static partial void LogDefect(ILogger logger, Exception error, SessionPart part);

    [LoggerMessage(
        EventId = 116, EventName = "NotAnnounced", Level = LogLevel.Information,
        Message = "The manager could not be told that this node leaves: {Reason}")]
    private static partial void LogNotAnnounced(ILogger logger, string reason);
}
