// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Docker.Testing;

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Error">What it printed as errors.</param>
public sealed record CommandResult(int ExitCode, string Output, string Error);
