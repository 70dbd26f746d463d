// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;

namespace Swarm.Agent.Sessions;

/// <summary>What happens to a <see cref="SessionMachine"/>. An epoch names one attempt; what comes from an older one is ignored.</summary>
internal abstract record SessionInput
{
    /// <summary>The agent starts.</summary>
    internal sealed record Started : SessionInput;

    /// <summary>The agent stops.</summary>
    internal sealed record Stopped : SessionInput;

    /// <summary>The time that the machine asked for has come.</summary>
    internal sealed record Ticked : SessionInput;

    /// <summary>The node's certificate was renewed: streams move to a new connection, the session stays.</summary>
    internal sealed record Reopen : SessionInput;

    /// <summary>The description of the node was read.</summary>
    internal sealed record Described(NodeDescription Description) : SessionInput;

    /// <summary>A message came on the session's stream.</summary>
    internal sealed record MessageReceived(int Epoch, SessionMessage Message) : SessionInput;

    /// <summary>A heartbeat was answered.</summary>
    internal sealed record HeartbeatAnswered(int Epoch, TimeSpan Period) : SessionInput;

    /// <summary>A stream or call of the session ended, well or not.</summary>
    internal sealed record PartEnded(int Epoch, SessionPart Part, StatusCode Status, string Detail) : SessionInput;
}
