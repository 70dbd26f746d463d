// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Manager;

/// <summary>A node that listens for subscriptions.</summary>
internal sealed class LogListener(long stream, string nodeId)
{
    /// <summary>Its stream.</summary>
    public long Stream => stream;

    /// <summary>The node.</summary>
    public string NodeId => nodeId;

    /// <summary>Whether a message is under way.</summary>
    public bool Busy { get; set; }

    /// <summary>Ids of subscriptions about which it has to be told something.</summary>
    public MarkedSet<string> News { get; } = new();

    /// <summary>Ids of subscriptions it was told of and that it has not been told to end.</summary>
    public HashSet<string> Told { get; } = new(StringComparer.Ordinal);
}
