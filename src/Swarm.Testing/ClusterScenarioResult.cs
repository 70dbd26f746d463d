// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Testing;

/// <summary>What came out of a <see cref="ClusterScenario"/>.</summary>
/// <param name="Seed">The seed it was decided by.</param>
/// <param name="TraceHash">The hash of everything that happened; the same in every run of the same build.</param>
/// <param name="Steps">Steps of the simulation.</param>
/// <param name="ConvergedAfter">Simulated time from the end of the faults to convergence.</param>
/// <param name="TasksStarted">Tasks that were started in all.</param>
/// <param name="MessagesSent">Messages that hosts sent to one another.</param>
/// <param name="MessagesLost">Of these, the ones that were lost.</param>
/// <param name="Changes">Objects created, updated and removed in the store: what all wishes and faults have cost.</param>
/// <param name="SecretsRead">Tasks that found their secret when they started.</param>
/// <param name="Faults">How often each kind of wish and fault came up, by its name.</param>
public sealed record ClusterScenarioResult(
    ulong Seed,
    ulong TraceHash,
    long Steps,
    TimeSpan ConvergedAfter,
    int TasksStarted,
    long MessagesSent,
    long MessagesLost,
    long Changes,
    long SecretsRead,
    IReadOnlyDictionary<string, long> Faults);
