// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Security;

/// <summary>
/// How a node gets its certificate, as a stepped state machine: fetch the root over a connection that is not verified yet and hold
/// it against the token; send a certificate request; ask for its status until the certificate for that very request is there.
/// A renewal is the same without the first step. Each step is tried <see cref="JoinOptions.Tries"/> times. The owner carries out
/// what <see cref="Start"/> and <see cref="Next"/> return and feeds the outcome back. Not thread-safe.
/// </summary>
public sealed class JoinMachine
{
    private readonly ICertificateIssuer _issuer;
    private readonly JoinOptions _options;
    private readonly NodeCredentials? _current;
    private readonly CertificateKeyPair _request;
    private ByteString _root = ByteString.Empty;
    private string _nodeId = "";
    private JoinStep? _last;
    private int _failures;
    private int _polls;

    /// <summary>Prepares a join, or a renewal.</summary>
    /// <param name="issuer">Makes the key and reads what comes back.</param>
    /// <param name="options">What to ask for.</param>
    /// <param name="current">The credentials to renew; null to join.</param>
    /// <exception cref="ArgumentException">The options are not valid, or a join has neither token nor the leave to do without.</exception>
    public JoinMachine(ICertificateIssuer issuer, JoinOptions options, NodeCredentials? current = null)
    {
        options.Validate();
        _issuer = issuer;
        _options = options;
        _current = current;
        _request = issuer.CreateRequest();
    }

    /// <summary>Whether this renews a certificate rather than joining.</summary>
    public bool IsRenewal => _current is not null;

    /// <summary>The first step.</summary>
    /// <returns>What to do.</returns>
    public JoinStep Start()
    {
        if (_current is null)
        {
            return _last = new JoinStep.FetchRoot(_options.CallTimeout);
        }

        _root = _current.RootPem;
        return _last = RequestCertificate();
    }

    /// <summary>Takes the outcome of the last step and says what is next.</summary>
    /// <param name="outcome">What happened.</param>
    /// <param name="now">The time now.</param>
    /// <returns>What to do; after <see cref="JoinStep.Done"/> and <see cref="JoinStep.Failed"/> nothing.</returns>
    /// <exception cref="InvalidOperationException">The outcome does not belong to the last step.</exception>
    public JoinStep Next(JoinOutcome outcome, DateTimeOffset now)
    {
        JoinStep next = (_last, outcome) switch
        {
            (JoinStep.Pause pause, JoinOutcome.PauseOver) => pause.Then,
            (JoinStep.FetchRoot, JoinOutcome.RootReceived received) => TakeRoot(received.RootPem),
            (JoinStep.RequestCertificate, JoinOutcome.Requested requested) => TakeNodeId(requested.NodeId),
            (JoinStep.PollStatus, JoinOutcome.StatusReceived received) => TakeStatus(received.Response, now),
            (JoinStep.FetchRoot or JoinStep.RequestCertificate or JoinStep.PollStatus, JoinOutcome.CallFailed failed) =>
                TakeFailure(failed.Error),
            _ => throw new InvalidOperationException($"the outcome {outcome} does not belong to the step {_last}"),
        };
        return _last = next;
    }

    private JoinStep TakeRoot(ByteString root)
    {
        if (_options.Token is not null && !_options.Token.Matches(root))
        {
            // Another address behind the same name may still be right, but the same answer would come again: no retry.
            return Fail(() => _options.Token.CheckRoot(root));
        }

        _root = root;
        _failures = 0;
        return RequestCertificate();
    }

    private JoinStep.RequestCertificate RequestCertificate() => new(
        _root,
        new IssueNodeCertificateRequest
        {
            Csr = _request.CertificatePem,
            Token = _current is null ? _options.Token?.Text ?? "" : "",
            Availability = _options.Availability,
        },
        _options.CallTimeout);

    private JoinStep TakeNodeId(string nodeId)
    {
        if (nodeId.Length == 0)
        {
            return TakeFailure(new SwarmException(SwarmErrorCode.Unavailable, "the manager gave the node no id"));
        }

        _nodeId = nodeId;
        _failures = 0;
        return Poll();
    }

    private JoinStep.PollStatus Poll() => new(_root, new NodeCertificateStatusRequest { NodeId = _nodeId }, _options.CallTimeout);

    private JoinStep TakeStatus(NodeCertificateStatusResponse response, DateTimeOffset now)
    {
        _failures = 0;
        IssuanceStatus.Types.State state = response.Status?.State ?? IssuanceStatus.Types.State.Unknown;
        Certificate? certificate = response.Certificate;
        if (state == IssuanceStatus.Types.State.Failed)
        {
            return new JoinStep.Failed(new SwarmException(SwarmErrorCode.PermissionDenied,
                $"the manager could not issue a certificate: {response.Status!.Err}"));
        }

        // The status of a renewal may still be that of the certificate before: what counts is whose request it answers.
        bool issued = state is IssuanceStatus.Types.State.Issued or IssuanceStatus.Types.State.Rotate
            && certificate is { Certificate_.IsEmpty: false } && certificate.Csr.Equals(_request.CertificatePem);
        if (issued)
        {
            return Finish(certificate!.Certificate_, now);
        }

        return ++_polls >= _options.PollsMax
            ? new JoinStep.Failed(new SwarmException(SwarmErrorCode.DeadlineExceeded,
                "the manager did not issue a certificate in time: see its log, and whether the cluster has a leader"))
            : new JoinStep.Pause(_options.PollPause, Poll());
    }

    private JoinStep Finish(ByteString certificate, DateTimeOffset now)
    {
        try
        {
            _issuer.Verify(certificate, _root, now);
            var credentials = NodeCredentials.Create(_issuer, new CertificateKeyPair(certificate, _request.KeyPem), _root);
            return credentials.NodeId == _nodeId
                ? new JoinStep.Done(credentials)
                : new JoinStep.Failed(new SwarmException(SwarmErrorCode.PermissionDenied, "the certificate issued is of another node"));
        }
        catch (SwarmException e)
        {
            return new JoinStep.Failed(e);
        }
    }

    private JoinStep TakeFailure(SwarmException error)
    {
        JoinStep again = _last!;
        if (!IsTemporary(error) && !IsWaiting(again, error))
        {
            return new JoinStep.Failed(Explain(error));
        }

        // A manager holds the status call until the certificate is there; that its time ran out is no failure.
        if (IsWaiting(again, error))
        {
            return ++_polls >= _options.PollsMax ? new JoinStep.Failed(error) : again;
        }

        return ++_failures >= _options.Tries
            ? new JoinStep.Failed(error)
            : new JoinStep.Pause(_options.RetryPause, again);
    }

    private static bool IsWaiting(JoinStep step, SwarmException error) =>
        step is JoinStep.PollStatus && error.Code == SwarmErrorCode.DeadlineExceeded;

    private static bool IsTemporary(SwarmException error) => error.Code is SwarmErrorCode.Unavailable or SwarmErrorCode.DeadlineExceeded
        or SwarmErrorCode.NotLeader or SwarmErrorCode.OutcomeUnknown or SwarmErrorCode.ResourceExhausted or SwarmErrorCode.Aborted
        or SwarmErrorCode.Internal or SwarmErrorCode.NotFound;

    private SwarmException Explain(SwarmException error) => error.Code == SwarmErrorCode.InvalidArgument && !IsRenewal
        ? new SwarmException(SwarmErrorCode.PermissionDenied,
            $"the manager refused the join token: {error.Message.TrimEnd('.')}", error)
        : error;

    private static JoinStep.Failed Fail(Action check)
    {
        try
        {
            check();
        }
        catch (SwarmException e)
        {
            return new JoinStep.Failed(e);
        }

        throw new InvalidOperationException("a check was expected to fail");
    }
}
