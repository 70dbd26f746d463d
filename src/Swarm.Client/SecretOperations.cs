// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Client;

/// <summary>Secrets; their data never comes back. Thread-safe.</summary>
public sealed class SecretOperations
{
    private readonly ApiCalls _calls;

    internal SecretOperations(ApiCalls calls) => _calls = calls;

    /// <summary>Gets a secret.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The secret, without its data.</returns>
    /// <exception cref="Swarm.Core.SwarmException">There is none, or the call failed.</exception>
    public async Task<Secret> GetAsync(string id, CancellationToken cancellationToken = default) =>
        (await ApiCalls.CallAsync(_calls.Control.GetSecretAsync(
            new GetSecretRequest { SecretId = id }, cancellationToken: cancellationToken))).Secret;

    /// <summary>Finds the secret that a person means: by id, else by full name, else by the beginning of the id.</summary>
    /// <param name="reference">What the person wrote.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The secret, without its data.</returns>
    /// <exception cref="Swarm.Core.SwarmException">There is none, or more than one.</exception>
    public Task<Secret> ResolveAsync(string reference, CancellationToken cancellationToken = default) => ApiCalls.ResolveAsync(
        "secret",
        reference,
        id => GetAsync(id, cancellationToken),
        name => ListAsync(new() { Names = { name } }, cancellationToken),
        prefix => ListAsync(new() { IdPrefixes = { prefix } }, cancellationToken));

    /// <summary>Lists secrets.</summary>
    /// <param name="filters">Which; all when left out.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The secrets by id.</returns>
    /// <exception cref="Swarm.Core.SwarmException">The call failed.</exception>
    public Task<IReadOnlyList<Secret>> ListAsync(
        ListSecretsRequest.Types.Filters? filters = null, CancellationToken cancellationToken = default) => ApiCalls.ListAsync<Secret>(
            async prefix =>
            {
                ListSecretsRequest.Types.Filters asked = filters ?? new();
                var request = new ListSecretsRequest { Filters = prefix is null ? asked : asked.WithIdPrefixes([prefix]) };
                return (await ApiCalls.CallAsync(_calls.Control.ListSecretsAsync(request, cancellationToken: cancellationToken))).Secrets;
            },
            filters is not { IdPrefixes.Count: > 0 });

    /// <summary>Creates a secret.</summary>
    /// <param name="spec">Name, labels and data.</param>
    /// <param name="cancellationToken">Ends the call; the secret may exist all the same.</param>
    /// <returns>The secret as stored, without its data.</returns>
    /// <exception cref="Swarm.Core.SwarmException">The spec breaks a rule, the name is taken, or the call failed.</exception>
    public async Task<Secret> CreateAsync(SecretSpec spec, CancellationToken cancellationToken = default) =>
        (await ApiCalls.CallAsync(_calls.Control.CreateSecretAsync(
            new CreateSecretRequest { Spec = spec }, cancellationToken: cancellationToken))).Secret;

    /// <summary>Changes a secret: reads, changes and writes it; again, up to five times, if another was faster.</summary>
    /// <param name="id">The secret.</param>
    /// <param name="change">Changes the spec in place; may be called more than once.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The secret as stored.</returns>
    /// <exception cref="Swarm.Core.SwarmException">The new spec breaks a rule, or the call failed.</exception>
    public Task<Secret> UpdateAsync(string id, Action<SecretSpec> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        return ApiCalls.ReadModifyWriteAsync(async () =>
        {
            Secret stored = await GetAsync(id, cancellationToken);
            SecretSpec spec = stored.Spec.Clone();
            change(spec);
            var request = new UpdateSecretRequest { SecretId = id, SecretVersion = stored.Meta.Version, Spec = spec };
            return (await ApiCalls.CallAsync(_calls.Control.UpdateSecretAsync(request, cancellationToken: cancellationToken))).Secret;
        });
    }

    /// <summary>Removes a secret.</summary>
    /// <param name="id">The secret.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Ends when it is removed.</returns>
    /// <exception cref="Swarm.Core.SwarmException">There is none, it is in use, or the call failed.</exception>
    public Task RemoveAsync(string id, CancellationToken cancellationToken = default) => ApiCalls.CallAsync(
        _calls.Control.RemoveSecretAsync(new RemoveSecretRequest { SecretId = id }, cancellationToken: cancellationToken));
}
