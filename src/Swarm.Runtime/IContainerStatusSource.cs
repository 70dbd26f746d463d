// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime;

/// <summary>A controller that can tell process id and exit code of its task.</summary>
public interface IContainerStatusSource
{
    /// <summary>
    /// Gives what is known now. Runtimes without containers leave <see cref="ContainerStatus.ContainerId"/> empty. The exit code is 0
    /// while the task runs.
    /// </summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A status the caller owns; null when the task never started.</returns>
    Task<ContainerStatus?> GetContainerStatusAsync(CancellationToken cancellationToken = default);
}
