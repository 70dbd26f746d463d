// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>How many nodes refused a task for one reason.</summary>
/// <param name="Reason">The reason, for programs.</param>
/// <param name="Nodes">The number of nodes; at least 1.</param>
/// <param name="Text">The reason for people, with the count.</param>
public readonly record struct RefusalCount(PlacementReason Reason, int Nodes, string Text);
