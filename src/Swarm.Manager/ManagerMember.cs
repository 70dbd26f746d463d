// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Manager;

/// <summary>A manager of the cluster, as this one sees it.</summary>
/// <param name="NodeId">The id of its node.</param>
/// <param name="Addr">Address under which other nodes reach it, HOST:PORT.</param>
/// <param name="IsLeader">Whether it leads.</param>
/// <param name="Reachability">Whether it answers.</param>
/// <param name="RaftId">Its id in consensus; 0 where there is none.</param>
public sealed record ManagerMember(
    string NodeId, string Addr, bool IsLeader, RaftMemberStatus.Types.Reachability Reachability, ulong RaftId = 0);
