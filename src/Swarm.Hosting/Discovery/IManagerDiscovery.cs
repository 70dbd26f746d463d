// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Hosting;

/// <summary>
/// Says where the cluster's managers may be: a node that is to join asks it until one of them takes it, and one that starts again adds what it
/// says to the managers it knew. It need not be complete, and may name addresses where nobody listens yet. Implementations are thread-safe.
/// </summary>
public interface IManagerDiscovery
{
    /// <summary>Gives the addresses known at this moment.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Addresses as host:port; empty while none is known. The first 64 are used.</returns>
    /// <exception cref="Swarm.Core.SwarmException">Unavailable: it cannot be told now, ask again later. Any other code: it cannot be told before
    /// somebody repairs what the text names.</exception>
    ValueTask<IReadOnlyList<string>> GetManagersAsync(CancellationToken cancellationToken = default);
}
