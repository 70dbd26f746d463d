// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Client;

/// <summary>Configs: data that tasks read. Thread-safe.</summary>
public sealed class ConfigOperations
{
    private readonly ApiCalls _calls;

    internal ConfigOperations(ApiCalls calls) => _calls = calls;

    /// <summary>Gets a config.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The config.</returns>
    /// <exception cref="Swarm.Core.SwarmException">There is none, or the call failed.</exception>
    public async Task<Config> GetAsync(string id, CancellationToken cancellationToken = default) =>
        (await ApiCalls.CallAsync(_calls.Control.GetConfigAsync(
            new GetConfigRequest { ConfigId = id }, cancellationToken: cancellationToken))).Config;

    /// <summary>Finds the config that a person means: by id, else by full name, else by the beginning of the id.</summary>
    /// <param name="reference">What the person wrote.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The config.</returns>
    /// <exception cref="Swarm.Core.SwarmException">There is none, or more than one.</exception>
    public Task<Config> ResolveAsync(string reference, CancellationToken cancellationToken = default) => ApiCalls.ResolveAsync(
        "config",
        reference,
        id => GetAsync(id, cancellationToken),
        name => ListAsync(new() { Names = { name } }, cancellationToken),
        prefix => ListAsync(new() { IdPrefixes = { prefix } }, cancellationToken));

    /// <summary>Lists configs.</summary>
    /// <param name="filters">Which; all when left out.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The configs by id.</returns>
    /// <exception cref="Swarm.Core.SwarmException">The call failed.</exception>
    public Task<IReadOnlyList<Config>> ListAsync(
        ListConfigsRequest.Types.Filters? filters = null, CancellationToken cancellationToken = default) => ApiCalls.ListAsync<Config>(
            async prefix =>
            {
                ListConfigsRequest.Types.Filters asked = filters ?? new();
                var request = new ListConfigsRequest { Filters = prefix is null ? asked : asked.WithIdPrefixes([prefix]) };
                return (await ApiCalls.CallAsync(_calls.Control.ListConfigsAsync(request, cancellationToken: cancellationToken))).Configs;
            },
            filters is not { IdPrefixes.Count: > 0 });

    /// <summary>Creates a config.</summary>
    /// <param name="spec">Name, labels and data.</param>
    /// <param name="cancellationToken">Ends the call; the config may exist all the same.</param>
    /// <returns>The config as stored.</returns>
    /// <exception cref="Swarm.Core.SwarmException">The spec breaks a rule, the name is taken, or the call failed.</exception>
    public async Task<Config> CreateAsync(ConfigSpec spec, CancellationToken cancellationToken = default) =>
        (await ApiCalls.CallAsync(_calls.Control.CreateConfigAsync(
            new CreateConfigRequest { Spec = spec }, cancellationToken: cancellationToken))).Config;

    /// <summary>Changes a config: reads, changes and writes it; again, up to five times, if another was faster.</summary>
    /// <param name="id">The config.</param>
    /// <param name="change">Changes the spec in place; may be called more than once.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The config as stored.</returns>
    /// <exception cref="Swarm.Core.SwarmException">The new spec breaks a rule, or the call failed.</exception>
    public Task<Config> UpdateAsync(string id, Action<ConfigSpec> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        return ApiCalls.ReadModifyWriteAsync(async () =>
        {
            Config stored = await GetAsync(id, cancellationToken);
            ConfigSpec spec = stored.Spec.Clone();
            change(spec);
            var request = new UpdateConfigRequest { ConfigId = id, ConfigVersion = stored.Meta.Version, Spec = spec };
            return (await ApiCalls.CallAsync(_calls.Control.UpdateConfigAsync(request, cancellationToken: cancellationToken))).Config;
        });
    }

    /// <summary>Removes a config.</summary>
    /// <param name="id">The config.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Ends when it is removed.</returns>
    /// <exception cref="Swarm.Core.SwarmException">There is none, it is in use, or the call failed.</exception>
    public Task RemoveAsync(string id, CancellationToken cancellationToken = default) => ApiCalls.CallAsync(
        _calls.Control.RemoveConfigAsync(new RemoveConfigRequest { ConfigId = id }, cancellationToken: cancellationToken));
}
