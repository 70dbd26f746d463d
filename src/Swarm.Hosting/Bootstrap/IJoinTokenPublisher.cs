// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Hosting;

/// <summary>Takes the token with which others join, on the node that makes the cluster: at its start and whenever the token changes.</summary>
public interface IJoinTokenPublisher
{
    /// <summary>Makes the token known. Must refuse to replace the token of another cluster: that is what keeps two clusters apart.</summary>
    /// <param name="token">The token for workers, SWMTKN-1-….</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Ends when others can read it.</returns>
    /// <exception cref="Swarm.Core.SwarmException">FailedPrecondition: the token of another cluster is known already, or it cannot be written.</exception>
    ValueTask PublishAsync(string token, CancellationToken cancellationToken = default);
}
