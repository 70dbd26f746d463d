// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing;

/// <summary>
/// What the work of one task is to do; a target says it in the words of its runtime. The order of things: write the lines, listen on the
/// port, then end with the exit code, or else run until stopped. Immutable.
/// </summary>
public sealed record ConformanceWork
{
    /// <summary>Work that runs until it is stopped.</summary>
    public static ConformanceWork UntilStopped { get; } = new();

    /// <summary>Lines for the standard output, without line ends, in this order. Needs <see cref="ConformanceFeatures.Logs"/>.</summary>
    public IReadOnlyList<string> OutputLines { get; init; } = [];

    /// <summary>
    /// Lines for the error output, without line ends, in this order; written after all of <see cref="OutputLines"/>. Needs <see
    /// cref="ConformanceFeatures.Logs"/>.
    /// </summary>
    public IReadOnlyList<string> ErrorLines { get; init; } = [];

    /// <summary>
    /// The port the work listens on, or says that it listens on (TCP); null for none. It is to be the target port of the one port in the
    /// task's port status. The task also carries it as its endpoint's one port, published on the node at any port that is free. Needs
    /// <see cref="ConformanceFeatures.Ports"/>.
    /// </summary>
    public int? Port { get; init; }

    /// <summary>
    /// The code the work ends with, 0 to 255; null: it runs until it is stopped. Needs <see cref="ConformanceFeatures.Exits"/>.
    /// </summary>
    public int? ExitCode { get; init; }

    /// <summary>Whether the work does not heed the request to stop. Needs <see cref="ConformanceFeatures.Kill"/>.</summary>
    public bool IgnoresStop { get; init; }

    /// <summary>How long the work may take to stop before it is ended by force; null for the runtime's default.</summary>
    public TimeSpan? StopGrace { get; init; }

    /// <summary>Whether the work takes more memory than the limit its specification sets. Needs <see
    /// cref="ConformanceFeatures.Limits"/>.</summary>
    public bool ExceedsItsMemory { get; init; }

    /// <summary>The id of a secret the specification refers to; null for none. Needs <see cref="ConformanceFeatures.Secrets"/>.</summary>
    public string? SecretId { get; init; }

    /// <summary>
    /// Whether the specification is one that this runtime can never run, such as a program that does not exist: prepare refuses it.
    /// </summary>
    public bool CannotBePrepared { get; init; }
}
