// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Client;

/// <summary>Networks. Thread-safe.</summary>
public sealed class NetworkOperations
{
    private readonly ApiCalls _calls;

    internal NetworkOperations(ApiCalls calls) => _calls = calls;

    /// <summary>Gets a network.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The network.</returns>
    /// <exception cref="Swarm.Core.SwarmException">There is none, or the call failed.</exception>
    public async Task<Network> GetAsync(string id, CancellationToken cancellationToken = default) =>
        (await ApiCalls.CallAsync(_calls.Control.GetNetworkAsync(
            new GetNetworkRequest { NetworkId = id }, cancellationToken: cancellationToken))).Network;

    /// <summary>Finds the network that a person means: by id, else by full name, else by the beginning of the id.</summary>
    /// <param name="reference">What the person wrote.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The network.</returns>
    /// <exception cref="Swarm.Core.SwarmException">There is none, or more than one.</exception>
    public Task<Network> ResolveAsync(string reference, CancellationToken cancellationToken = default) => ApiCalls.ResolveAsync(
        "network",
        reference,
        id => GetAsync(id, cancellationToken),
        name => ListAsync(new() { Names = { name } }, cancellationToken),
        prefix => ListAsync(new() { IdPrefixes = { prefix } }, cancellationToken));

    /// <summary>Lists networks.</summary>
    /// <param name="filters">Which; all when left out.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The networks by id.</returns>
    /// <exception cref="Swarm.Core.SwarmException">The call failed.</exception>
    public Task<IReadOnlyList<Network>> ListAsync(
        ListNetworksRequest.Types.Filters? filters = null, CancellationToken cancellationToken = default) => ApiCalls.ListAsync<Network>(
            async prefix =>
            {
                ListNetworksRequest.Types.Filters asked = filters ?? new();
                var request = new ListNetworksRequest { Filters = prefix is null ? asked : asked.WithIdPrefixes([prefix]) };
                return (await ApiCalls.CallAsync(_calls.Control.ListNetworksAsync(request, cancellationToken: cancellationToken))).Networks;
            },
            filters is not { IdPrefixes.Count: > 0 });

    /// <summary>Creates a network.</summary>
    /// <param name="spec">Name, labels and data.</param>
    /// <param name="cancellationToken">Ends the call; the network may exist all the same.</param>
    /// <returns>The network as stored.</returns>
    /// <exception cref="Swarm.Core.SwarmException">The spec breaks a rule, the name is taken, or the call failed.</exception>
    public async Task<Network> CreateAsync(NetworkSpec spec, CancellationToken cancellationToken = default) =>
        (await ApiCalls.CallAsync(_calls.Control.CreateNetworkAsync(
            new CreateNetworkRequest { Spec = spec }, cancellationToken: cancellationToken))).Network;

    /// <summary>Removes a network.</summary>
    /// <param name="id">The network.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Ends when it is removed.</returns>
    /// <exception cref="Swarm.Core.SwarmException">There is none, it is in use, or the call failed.</exception>
    public Task RemoveAsync(string id, CancellationToken cancellationToken = default) => ApiCalls.CallAsync(
        _calls.Control.RemoveNetworkAsync(new RemoveNetworkRequest { NetworkId = id }, cancellationToken: cancellationToken));
}
