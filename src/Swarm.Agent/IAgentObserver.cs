// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Agent;

/// <summary>
/// Told by the agent what the managers say about the node. Each method is called in the agent's mailbox, must return at
/// once and must not throw; all do nothing by default. What is handed over must not be changed.
/// </summary>
public interface IAgentObserver
{
    /// <summary>A session is open: the manager knows this node.</summary>
    /// <param name="sessionId">The id of the session.</param>
    /// <param name="manager">The address of the manager that serves it.</param>
    void OnSessionOpened(string sessionId, string manager)
    {
    }

    /// <summary>A session, or the attempt to open one, failed; another attempt follows by itself.</summary>
    /// <param name="code">The kind of error.</param>
    /// <param name="reason">One line for people.</param>
    void OnSessionLost(SwarmErrorCode code, string reason)
    {
    }

    /// <summary>The node object as the manager holds it has changed: role, certificate status, availability, labels.</summary>
    /// <param name="node">The node.</param>
    void OnNodeChanged(Node node)
    {
    }

    /// <summary>The list of managers has changed; the agent's own choice of managers follows it already.</summary>
    /// <param name="managers">The managers with their weights.</param>
    void OnManagersChanged(IReadOnlyList<WeightedPeer> managers)
    {
    }

    /// <summary>An executor was asked to describe its part of the node; called whenever the answer is another than the one before.</summary>
    /// <param name="executor">The name of its runtime.</param>
    /// <param name="problem">Why it cannot now, in one line, such as an engine that does not answer; empty if it can.</param>
    void OnExecutorDescribed(string executor, string problem)
    {
    }

    /// <summary>The root certificates of the cluster have changed.</summary>
    /// <param name="rootCaPem">One or more certificates, PEM.</param>
    void OnRootCaChanged(ByteString rootCaPem)
    {
    }

    /// <summary>The keys of the network's gossip and encryption have changed; executors have been given them already.</summary>
    /// <param name="keys">The keys.</param>
    void OnNetworkKeysChanged(IReadOnlyList<EncryptionKey> keys)
    {
    }
}
