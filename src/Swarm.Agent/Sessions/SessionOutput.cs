// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Grpc.Core;
using Swarm.Api;

namespace Swarm.Agent.Sessions;

/// <summary>What a <see cref="SessionMachine"/> wants done, in this order.</summary>
internal abstract record SessionOutput
{
    /// <summary>Read the description of the node and bring it back.</summary>
    internal sealed record ReadDescription : SessionOutput;

    /// <summary>Connect to a manager and open the session's stream.</summary>
    internal sealed record Open(int Epoch, string Manager, string SessionId, NodeDescription Description) : SessionOutput;

    /// <summary>End every call of the attempt and its connection.</summary>
    internal sealed record Close(int Epoch) : SessionOutput;

    /// <summary>Send a heartbeat.</summary>
    internal sealed record SendHeartbeat(int Epoch, string SessionId) : SessionOutput;

    /// <summary>Open the stream of log subscriptions.</summary>
    internal sealed record OpenSubscriptions(int Epoch) : SessionOutput;

    /// <summary>Open the stream of assignments.</summary>
    internal sealed record OpenAssignments(int Epoch, string SessionId) : SessionOutput;

    /// <summary>The session is open.</summary>
    internal sealed record Opened(int Epoch, string SessionId, string Manager) : SessionOutput;

    /// <summary>The session, or the attempt, failed; the next attempt follows after the wait.</summary>
    internal sealed record Lost(SessionPart Part, StatusCode Status, string Reason, TimeSpan Wait) : SessionOutput;

    /// <summary>The node object has changed.</summary>
    internal sealed record NodeChanged(Node Node) : SessionOutput;

    /// <summary>The list of managers has changed.</summary>
    internal sealed record ManagersChanged(IReadOnlyList<WeightedPeer> Managers) : SessionOutput;

    /// <summary>The root certificates have changed.</summary>
    internal sealed record RootCaChanged(ByteString Pem) : SessionOutput;

    /// <summary>The network keys have changed.</summary>
    internal sealed record KeysChanged(IReadOnlyList<EncryptionKey> Keys) : SessionOutput;
}
