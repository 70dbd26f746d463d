// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Orchestration.Slots;

/// <summary>What an orchestrator remembers of a slot between two looks at it.</summary>
/// <param name="Standing">What it counts for.</param>
/// <param name="NodeId">The node of its task; empty if it has none yet.</param>
/// <param name="IsRunning">Whether its task is seen to run.</param>
internal readonly record struct SlotInfo(SlotStanding Standing, string NodeId, bool IsRunning);
