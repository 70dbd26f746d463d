// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Grpc.Core;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;

namespace Swarm.Agent.Sessions;

/// <summary>
/// The node's link to the managers: which one, when to try again, heartbeats, and what the manager says about node, managers,
/// root certificates and keys. One attempt has one epoch, one connection and these streams: the session; after its first message a
/// heartbeat at once, log subscriptions, assignments. Any stream that ends, ends the attempt; the next follows after a random wait
/// below a bound that grows with each failure. Stepped: no clock, no I/O. One owner.
/// </summary>
internal sealed class SessionMachine
{
    private readonly SwarmAgentOptions _options;
    private readonly ManagerPicker _managers;
    private readonly SeededRandom _random;
    private readonly List<SessionOutput> _outputs = [];

    private Phase _phase = Phase.Stopped;
    private int _epoch;
    private string _sessionId = "";
    private ManagerPeer? _manager;
    private TimeSpan _backoff;
    private NodeDescription? _described;
    private bool _reopen;

    // Times at which something is due; null where nothing is.
    private DateTimeOffset? _retryAt;
    private DateTimeOffset? _answerBy;
    private DateTimeOffset? _heartbeatAt;
    private DateTimeOffset? _heartbeatBy;
    private DateTimeOffset? _describeAt;

    // What was said last, so that only changes are passed on.
    private Node? _node;
    private IReadOnlyList<WeightedPeer> _peers = [];
    private IReadOnlyList<EncryptionKey> _keys = [];
    private ByteString _rootCa = ByteString.Empty;

    internal SessionMachine(SwarmAgentOptions options, ManagerPicker managers, SeededRandom random)
    {
        _options = options;
        _managers = managers;
        _random = random;
    }

    private enum Phase
    {
        Stopped,
        Waiting,
        Describing,
        Opening,
        Open,
    }

    /// <summary>When to come back with <see cref="SessionInput.Ticked"/>; null for not at all.</summary>
    internal DateTimeOffset? NextDue => Least(Least(Least(_retryAt, _answerBy), Least(_heartbeatAt, _heartbeatBy)), _describeAt);

    /// <summary>Whether a session is open now.</summary>
    internal bool IsOpen => _phase == Phase.Open;

    /// <summary>The id of the open or last session; empty for none.</summary>
    internal string SessionId => _sessionId;

    /// <summary>Takes one input.</summary>
    /// <param name="input">What happened.</param>
    /// <param name="now">The time.</param>
    /// <returns>What to do, in order.</returns>
    internal IReadOnlyList<SessionOutput> Step(SessionInput input, DateTimeOffset now)
    {
        _outputs.Clear();
        switch (input)
        {
            case SessionInput.Started when _phase == Phase.Stopped:
                Describe(now);
                break;
            case SessionInput.Stopped:
                CloseAttempt();
                _phase = Phase.Stopped;
                ForgetTimes();
                break;
            case SessionInput.Ticked:
                Tick(now);
                break;
            case SessionInput.Reopen when _phase == Phase.Open:
                _reopen = true;
                _outputs.Add(new SessionOutput.ReadDescription());
                break;
            case SessionInput.Described described:
                TakeDescription(described.Description, now);
                break;
            case SessionInput.MessageReceived received when received.Epoch == _epoch && _phase is Phase.Opening or Phase.Open:
                TakeMessage(received.Message, now);
                break;
            case SessionInput.HeartbeatAnswered answered when answered.Epoch == _epoch && _phase == Phase.Open:
                _heartbeatBy = null;
                _heartbeatAt = now + (answered.Period > TimeSpan.Zero ? answered.Period : SwarmDefaults.HeartbeatPeriod);
                break;
            case SessionInput.PartEnded ended when ended.Epoch == _epoch && _phase is Phase.Opening or Phase.Open:
                TakeEnd(ended, now);
                break;
            default:
                break;
        }

        return [.. _outputs];
    }

    private void Tick(DateTimeOffset now)
    {
        if (_retryAt <= now)
        {
            _retryAt = null;
            Describe(now);
        }

        if (_answerBy <= now)
        {
            SessionPart part = SessionPart.Session;
            string what = _phase == Phase.Describing ? "an executor did not describe its part of the node" : "the manager did not answer";
            Lose(part, StatusCode.DeadlineExceeded, $"{what} within {_options.RpcTimeout.TotalSeconds:0.###} s", now);
        }

        if (_heartbeatBy <= now)
        {
            string reason = $"a heartbeat was not answered within {_options.RpcTimeout.TotalSeconds:0.###} s";
            Lose(SessionPart.Heartbeat, StatusCode.DeadlineExceeded, reason, now);
        }

        if (_heartbeatAt <= now)
        {
            SendHeartbeat(now);
        }

        if (_describeAt <= now)
        {
            _describeAt = now + _options.DescriptionPeriod;
            _outputs.Add(new SessionOutput.ReadDescription());
        }
    }

    private void Describe(DateTimeOffset now)
    {
        _phase = Phase.Describing;
        _answerBy = now + _options.RpcTimeout;
        _outputs.Add(new SessionOutput.ReadDescription());
    }

    private void TakeDescription(NodeDescription description, DateTimeOffset now)
    {
        if (_phase == Phase.Describing)
        {
            _answerBy = null;
            Open(description, now);
        }
        else if (_phase == Phase.Open && (_reopen || !description.Equals(_described)))
        {
            // The manager takes a new description only with a new stream; the session's id stays.
            CloseAttempt();
            Open(description, now);
        }
    }

    private void Open(NodeDescription description, DateTimeOffset now)
    {
        ForgetTimes();
        _reopen = false;
        _epoch++;
        if (_managers.Pick() is not { } manager)
        {
            _phase = Phase.Opening;
            _manager = null;
            Lose(SessionPart.Session, StatusCode.Unavailable, "no manager's address is known", now);
            return;
        }

        _phase = Phase.Opening;
        _described = description;
        _manager = manager;
        _answerBy = now + _options.RpcTimeout;
        _outputs.Add(new SessionOutput.Open(_epoch, manager.Address, _sessionId, description));
    }

    private void TakeMessage(SessionMessage message, DateTimeOffset now)
    {
        bool first = _phase == Phase.Opening;
        if (first)
        {
            _phase = Phase.Open;
            _backoff = TimeSpan.Zero;
            _answerBy = null;
            _sessionId = message.SessionId;
            ManagerPeer manager = _manager!.Value;
            _managers.ObserveSuccess(manager);
            _outputs.Add(new SessionOutput.Opened(_epoch, _sessionId, manager.Address));
        }

        PassOnChanges(message);
        if (first)
        {
            SendHeartbeat(now);
            _outputs.Add(new SessionOutput.OpenSubscriptions(_epoch));
            _outputs.Add(new SessionOutput.OpenAssignments(_epoch, _sessionId));
            _describeAt = now + _options.DescriptionPeriod;
        }
    }

    private void PassOnChanges(SessionMessage message)
    {
        if (message.Managers.Count > 0 && !message.Managers.SequenceEqual(_peers))
        {
            _peers = [.. message.Managers];
            _outputs.Add(new SessionOutput.ManagersChanged(_peers));
        }

        if (!message.RootCA.IsEmpty && message.RootCA != _rootCa)
        {
            _rootCa = message.RootCA;
            _outputs.Add(new SessionOutput.RootCaChanged(_rootCa));
        }

        if (message.Node is not null && !message.Node.Equals(_node))
        {
            _node = message.Node;
            _outputs.Add(new SessionOutput.NodeChanged(_node));
        }

        if (message.NetworkBootstrapKeys.Count > 0 && !message.NetworkBootstrapKeys.SequenceEqual(_keys))
        {
            _keys = [.. message.NetworkBootstrapKeys];
            _outputs.Add(new SessionOutput.KeysChanged(_keys));
        }
    }

    private void TakeEnd(SessionInput.PartEnded ended, DateTimeOffset now)
    {
        if (ended.Part == SessionPart.Subscriptions && ended.Status == StatusCode.Unimplemented)
        {
            // A manager without a log broker is a manager all the same.
            return;
        }

        // Only a new registration helps; with the old id the manager would refuse again.
        if ((ended.Status == StatusCode.InvalidArgument && ended.Detail.Contains("session invalid", StringComparison.Ordinal))
            || (ended.Status == StatusCode.NotFound && ended.Detail.Contains("node not registered", StringComparison.Ordinal)))
        {
            _sessionId = "";
        }

        string reason = ended.Status == StatusCode.OK ? $"the manager ended the {Name(ended.Part)}" : ended.Detail;
        Lose(ended.Part, ended.Status, reason, now);
    }

    private void Lose(SessionPart part, StatusCode status, string reason, DateTimeOffset now)
    {
        if (_phase is Phase.Opening or Phase.Open && _manager is { } manager)
        {
            _managers.ObserveFailure(manager);
            reason = reason.Contains(manager.Address, StringComparison.Ordinal) ? reason : $"manager {manager.Address}: {reason}";
        }

        CloseAttempt();
        ForgetTimes();
        _backoff = _backoff == TimeSpan.Zero ? _options.BackoffFirst : Min(_options.BackoffFirst + (2 * _backoff), _options.BackoffMax);
        TimeSpan wait = _random.NextTimeSpan(TimeSpan.Zero, _backoff);
        _phase = Phase.Waiting;
        _retryAt = now + wait;
        _outputs.Add(new SessionOutput.Lost(part, status, reason, wait));
    }

    private void CloseAttempt()
    {
        if (_phase is Phase.Opening or Phase.Open && _manager is not null)
        {
            _outputs.Add(new SessionOutput.Close(_epoch));
        }
    }

    private void SendHeartbeat(DateTimeOffset now)
    {
        _heartbeatAt = null;
        _heartbeatBy = now + _options.RpcTimeout;
        _outputs.Add(new SessionOutput.SendHeartbeat(_epoch, _sessionId));
    }

    private void ForgetTimes() => _retryAt = _answerBy = _heartbeatAt = _heartbeatBy = _describeAt = null;

    private static string Name(SessionPart part) => part switch
    {
        SessionPart.Assignments => "stream of assignments",
        SessionPart.Subscriptions => "stream of log subscriptions",
        _ => "session",
    };

    private static DateTimeOffset? Least(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
