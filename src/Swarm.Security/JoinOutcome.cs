// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Security;

/// <summary>What came of a step of a <see cref="JoinMachine"/>.</summary>
public abstract record JoinOutcome
{
    private JoinOutcome()
    {
    }

    /// <summary>The manager sent its root.</summary>
    /// <param name="RootPem">The exact bytes.</param>
    public sealed record RootReceived(ByteString RootPem) : JoinOutcome;

    /// <summary>The manager took the request.</summary>
    /// <param name="NodeId">The id it gave the node.</param>
    public sealed record Requested(string NodeId) : JoinOutcome;

    /// <summary>The manager answered the status call.</summary>
    /// <param name="Response">The answer.</param>
    public sealed record StatusReceived(NodeCertificateStatusResponse Response) : JoinOutcome;

    /// <summary>The call failed.</summary>
    /// <param name="Error">How.</param>
    public sealed record CallFailed(SwarmException Error) : JoinOutcome;

    /// <summary>The pause is over.</summary>
    public sealed record PauseOver : JoinOutcome;
}
