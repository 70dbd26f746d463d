// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime;

/// <summary>What <see cref="TaskStateMachine"/> says: the state to report, and what to do next.</summary>
/// <param name="State">The observed state from now on; never lower than before.</param>
/// <param name="Message">The message to report with the state.</param>
/// <param name="Error">The error to report with the state; empty when there is none.</param>
/// <param name="Operation">What to do next.</param>
/// <param name="Delay">How long to wait before <paramref name="Operation"/>; zero unless it is made again after a temporary error.</param>
public readonly record struct TaskDecision(
    TaskState State, string Message, string Error, TaskOperation Operation, TimeSpan Delay = default);
