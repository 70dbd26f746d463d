// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Manager;

/// <summary>
/// The managers there are now and how each is. It is not a part of the replicated state; whoever takes part in consensus keeps it
/// up to date. Thread-safe.
/// </summary>
public sealed class ManagerRoster
{
    private volatile IReadOnlyList<ManagerMember> _members = [];

    /// <summary>Raised after a change, by whoever made it.</summary>
    public event EventHandler? Changed;

    /// <summary>The managers.</summary>
    public IReadOnlyList<ManagerMember> Members => _members;

    /// <summary>Replaces the list.</summary>
    /// <param name="members">All managers.</param>
    public void Set(IReadOnlyList<ManagerMember> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        if (!_members.SequenceEqual(members))
        {
            _members = [.. members];
            Changed?.Invoke(this, EventArgs.Empty);
        }
    }

    /// <summary>A node as an answer shows it: with its status as a manager, if it is one.</summary>
    /// <param name="node">The stored node.</param>
    /// <returns>The node itself, or a copy with the status.</returns>
    public Node Fill(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        ManagerMember? member = _members.FirstOrDefault(member => member.NodeId == node.Id);
        return member is null
            ? node
            : node.WithManagerStatus(new ManagerStatus
            {
                RaftId = member.RaftId,
                Addr = member.Addr,
                Leader = member.IsLeader,
                Reachability = member.Reachability,
            });
    }

    /// <summary>The managers as workers are told of them.</summary>
    /// <returns>All with the same weight.</returns>
    public IReadOnlyList<WeightedPeer> ToPeers()
    {
        const int Weight = 10;
        return [.. _members.Select(member => new WeightedPeer
        {
            Peer = new Api.Peer { NodeId = member.NodeId, Addr = member.Addr },
            Weight = Weight,
        })];
    }
}
