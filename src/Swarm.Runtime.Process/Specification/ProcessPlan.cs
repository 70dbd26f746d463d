// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Process;

/// <summary>What is to be started for a task: its specification checked, and every name in it looked up.</summary>
/// <param name="Program">Path of the program.</param>
/// <param name="Arguments">Arguments, without the program.</param>
/// <param name="Environment">Variables from the specification, NAME=VALUE.</param>
/// <param name="WorkingDirectory">Absolute path; null for a directory of the task's own.</param>
/// <param name="User">The user to run as; null for the agent's.</param>
/// <param name="StopSignal">Number of the signal that asks the process to stop.</param>
/// <param name="StopGrace">How long it may take to stop.</param>
/// <param name="MemoryLimit">Bytes of memory; 0 for no limit.</param>
/// <param name="NanoCpuLimit">Billionths of a core; 0 for no limit.</param>
internal sealed record ProcessPlan(
    string Program,
    IReadOnlyList<string> Arguments,
    IReadOnlyList<string> Environment,
    string? WorkingDirectory,
    UserAccount? User,
    int StopSignal,
    TimeSpan StopGrace,
    long MemoryLimit,
    long NanoCpuLimit);
