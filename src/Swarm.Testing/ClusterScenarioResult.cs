// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Testing;

/// <summary>What came out of a <see cref="ClusterScenario"/>.</summary>
/// <param name="Seed">The seed it was decided by.</param>
/// <param name="TraceHash">The hash of everything that happened; the same in every run of the same build.</param>
/// <param name="Steps">Steps of the simulation.</param>
/// <param name="ConvergedAfter">Simulated time from the end of the faults to convergence.</param>
/// <param name="TasksStarted">Tasks that were started in all.</param>
/// <param name="MessagesLost">Messages lost on the network.</param>
public sealed record ClusterScenarioResult(
    ulong Seed, ulong TraceHash, long Steps, TimeSpan ConvergedAfter, int TasksStarted, long MessagesLost);
