// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Rpc;

/// <summary>A manager that can be called.</summary>
/// <param name="NodeId">Its node id; empty where only the address is known.</param>
/// <param name="Address">Its remote API, HOST:PORT.</param>
public readonly record struct ManagerPeer(string NodeId, string Address);
