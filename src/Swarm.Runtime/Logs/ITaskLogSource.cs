// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime;

/// <summary>A controller that keeps the output of its task.</summary>
public interface ITaskLogSource
{
    /// <summary>
    /// Reads the task's output, oldest first: streams (none means all), since, tail (0: all; -n-1: the last n lines; n: all but the first
    /// n), follow (goes on until the task has ended and all was read, or the reader cancels).
    /// </summary>
    /// <remarks>
    /// The output kept is bounded; what fell out is not there any more. A reader that follows too slowly misses lines rather than holding
    /// memory.
    /// </remarks>
    /// <param name="options">What to read; frozen.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The lines, without line ends.</returns>
    IAsyncEnumerable<TaskLogLine> ReadLogsAsync(LogSubscriptionOptions options, CancellationToken cancellationToken = default);
}
