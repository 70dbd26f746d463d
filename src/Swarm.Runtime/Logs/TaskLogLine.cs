// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime;

/// <summary>One line of a task's output.</summary>
/// <param name="Timestamp">When the line was taken in.</param>
/// <param name="Stream">Which output it came from.</param>
/// <param name="Data">The bytes of the line without its end.</param>
public readonly record struct TaskLogLine(DateTimeOffset Timestamp, LogStream Stream, ReadOnlyMemory<byte> Data);
