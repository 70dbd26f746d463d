// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Manager;

/// <summary>What the dispatcher remembers of one node during a reign.</summary>
internal sealed class DispatcherNode(string id)
{
    /// <summary>The node's id.</summary>
    public string Id => id;

    /// <summary>The session the node holds; "" when it holds none.</summary>
    public string SessionId { get; set; } = "";

    /// <summary>Whether the node announced, in this session, that it leaves.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Calls that wait until the state says that the node leaves.</summary>
    public List<long> Announcements { get; } = [];

    /// <summary>Times of the latest registrations, oldest first; never more than the limit allows.</summary>
    public Queue<DateTimeOffset> Registrations { get; } = [];

    /// <summary>The open session stream; 0 when there is none.</summary>
    public long SessionStream { get; set; }

    /// <summary>Whether a session message is under way.</summary>
    public bool SessionBusy { get; set; }

    /// <summary>Whether the session message sent last is out of date.</summary>
    public bool SessionStale { get; set; }

    /// <summary>The open assignments stream; null when there is none.</summary>
    public AssignmentStream? Assignments { get; set; }
}

/// <summary>An open stream of assignments to one node.</summary>
internal sealed class AssignmentStream(long stream, DispatcherNode node)
{
    /// <summary>Its number.</summary>
    public long Stream => stream;

    /// <summary>Whose it is.</summary>
    public DispatcherNode Node => node;

    /// <summary>What the node was told.</summary>
    public AssignmentSet Set { get; } = new(node.Id);

    /// <summary>Whether a message is under way.</summary>
    public bool Busy { get; set; }

    /// <summary>Messages sent so far; names the state that the last one results in.</summary>
    public long Sequence { get; set; }

    /// <summary>When the last message was sent.</summary>
    public DateTimeOffset LastSent { get; set; }

    /// <summary>Whether the last message was cut, so that the next need not wait.</summary>
    public bool MoreToSend { get; set; }
}
