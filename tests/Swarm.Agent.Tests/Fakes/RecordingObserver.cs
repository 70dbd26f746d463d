// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Agent.Tests.Fakes;

/// <summary>Writes down what an agent tells.</summary>
internal sealed class RecordingObserver : IAgentObserver
{
    internal List<string> Events { get; } = [];

    public void OnSessionOpened(string sessionId, string manager) => Events.Add($"opened {sessionId} {manager}");

    public void OnSessionLost(SwarmErrorCode code, string reason) => Events.Add($"lost {code}");

    public void OnNodeChanged(Node node) => Events.Add($"node {node.Role}");

    public void OnManagersChanged(IReadOnlyList<WeightedPeer> managers) =>
        Events.Add($"managers {string.Join(',', managers.Select(static manager => manager.Peer.Addr))}");

    public void OnRootCaChanged(ByteString rootCaPem) => Events.Add($"root {rootCaPem.ToStringUtf8()}");

    public void OnNetworkKeysChanged(IReadOnlyList<EncryptionKey> keys) => Events.Add($"keys {keys.Count}");
}
