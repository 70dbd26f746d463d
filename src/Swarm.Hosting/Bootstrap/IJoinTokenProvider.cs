// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Hosting;

/// <summary>
/// Gives the token with which a node joins: from a file, a vault, an environment. Asked again before each attempt, so that a token that was
/// replaced meanwhile is found. Implementations are thread-safe.
/// </summary>
public interface IJoinTokenProvider
{
    /// <summary>Gives the token.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The token, SWMTKN-1-…; null while there is none yet.</returns>
    /// <exception cref="Swarm.Core.SwarmException">Unavailable: it cannot be told now, ask again later. Any other code: it cannot be told before
    /// somebody repairs what the text names.</exception>
    ValueTask<string?> GetTokenAsync(CancellationToken cancellationToken = default);
}
