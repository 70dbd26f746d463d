// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Security;

/// <summary>What the owner of a <see cref="JoinMachine"/> is to do next.</summary>
public abstract record JoinStep
{
    private JoinStep()
    {
    }

    /// <summary>Call CA.GetRootCACertificate without verifying the server; answer RootReceived or CallFailed.</summary>
    /// <param name="Timeout">Time allowed.</param>
    public sealed record FetchRoot(TimeSpan Timeout) : JoinStep;

    /// <summary>
    /// Call NodeCA.IssueNodeCertificate with server name <see cref="SwarmRoleNames.CertificateAuthority"/>, trusting the root: without a
    /// client certificate for a join, with the present one for a renewal. Answer Requested or CallFailed.
    /// </summary>
    /// <param name="RootPem">The root to trust.</param>
    /// <param name="Request">What to send. It holds the join token: do not log it.</param>
    /// <param name="Timeout">Time allowed.</param>
    public sealed record RequestCertificate(ByteString RootPem, IssueNodeCertificateRequest Request, TimeSpan Timeout) : JoinStep
    {
        /// <inheritdoc/>
        public override string ToString() => nameof(RequestCertificate);
    }

    /// <summary>
    /// Call NodeCA.NodeCertificateStatus on a connection as for <see cref="RequestCertificate"/>; answer StatusReceived or
    /// CallFailed.
    /// </summary>
    /// <param name="RootPem">The root to trust.</param>
    /// <param name="Request">What to send.</param>
    /// <param name="Timeout">Time allowed; the manager holds the call until there is something to say.</param>
    public sealed record PollStatus(ByteString RootPem, NodeCertificateStatusRequest Request, TimeSpan Timeout) : JoinStep;

    /// <summary>Wait, then answer PauseOver.</summary>
    /// <param name="Time">How long.</param>
    /// <param name="Then">The step after it, for people who watch.</param>
    public sealed record Pause(TimeSpan Time, JoinStep Then) : JoinStep;

    /// <summary>The end: the node has its certificate.</summary>
    /// <param name="Credentials">Certificate, key and root.</param>
    public sealed record Done(NodeCredentials Credentials) : JoinStep;

    /// <summary>The end: it did not work.</summary>
    /// <param name="Error">Why, in one line.</param>
    public sealed record Failed(SwarmException Error) : JoinStep;
}
