// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing;

/// <summary>What can be seen of a task's work from outside, without asking the executor.</summary>
/// <param name="Running">How much of it runs now: 0 or 1 if all is well, more if it was started twice.</param>
/// <param name="Starts">How often it has been started since the task exists; null when that cannot be seen.</param>
/// <param name="IsLeft">Whether anything of the task is left in the executor's place: running, prepared, or kept after its end.</param>
public readonly record struct WorkObservation(int Running, int? Starts, bool IsLeft);
