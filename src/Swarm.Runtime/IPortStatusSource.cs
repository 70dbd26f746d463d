// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime;

/// <summary>A controller that can tell which ports of the node its task listens on.</summary>
public interface IPortStatusSource
{
    /// <summary>Gives the ports known now. They can come some time after the start: see <see cref="ITaskStatusNotifier"/>.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A status the caller owns; null when no port is known.</returns>
    Task<PortStatus?> GetPortStatusAsync(CancellationToken cancellationToken = default);
}
