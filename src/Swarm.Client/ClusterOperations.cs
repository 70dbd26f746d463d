// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Client;

/// <summary>The cluster itself: its settings and join tokens. Thread-safe.</summary>
public sealed class ClusterOperations
{
    private readonly ApiCalls _calls;

    internal ClusterOperations(ApiCalls calls) => _calls = calls;

    /// <summary>Gets a cluster.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The cluster, without its keys.</returns>
    /// <exception cref="Swarm.Core.SwarmException">There is none, or the call failed.</exception>
    public async Task<Cluster> GetAsync(string id, CancellationToken cancellationToken = default) =>
        (await ApiCalls.CallAsync(_calls.Control.GetClusterAsync(
            new GetClusterRequest { ClusterId = id }, cancellationToken: cancellationToken))).Cluster;

    /// <summary>Finds the cluster that a person means: by id, else by full name, else by the beginning of the id.</summary>
    /// <param name="reference">What the person wrote.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The cluster, without its keys.</returns>
    /// <exception cref="Swarm.Core.SwarmException">There is none, or more than one.</exception>
    public Task<Cluster> ResolveAsync(string reference, CancellationToken cancellationToken = default) => ApiCalls.ResolveAsync(
        "cluster",
        reference,
        id => GetAsync(id, cancellationToken),
        name => ListAsync(new() { Names = { name } }, cancellationToken),
        prefix => ListAsync(new() { IdPrefixes = { prefix } }, cancellationToken));

    /// <summary>Lists clusters.</summary>
    /// <param name="filters">Which; all when left out.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The clusters by id.</returns>
    /// <exception cref="Swarm.Core.SwarmException">The call failed.</exception>
    public Task<IReadOnlyList<Cluster>> ListAsync(
        ListClustersRequest.Types.Filters? filters = null, CancellationToken cancellationToken = default) => ApiCalls.ListAsync<Cluster>(
            async prefix =>
            {
                ListClustersRequest.Types.Filters asked = filters ?? new();
                var request = new ListClustersRequest { Filters = prefix is null ? asked : asked.WithIdPrefixes([prefix]) };
                return (await ApiCalls.CallAsync(_calls.Control.ListClustersAsync(request, cancellationToken: cancellationToken))).Clusters;
            },
            filters is not { IdPrefixes.Count: > 0 });

    /// <summary>Changes the cluster: reads, changes and writes it; again, up to five times, if another was faster.</summary>
    /// <param name="id">The cluster.</param>
    /// <param name="change">Changes the spec in place; may be called more than once.</param>
    /// <param name="rotation">Which keys and tokens to make anew; none when left out.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The cluster as stored, without its keys.</returns>
    /// <exception cref="Swarm.Core.SwarmException">The new spec breaks a rule, or the call failed.</exception>
    public Task<Cluster> UpdateAsync(
        string id, Action<ClusterSpec> change, KeyRotation? rotation = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        return ApiCalls.ReadModifyWriteAsync(async () =>
        {
            Cluster stored = await GetAsync(id, cancellationToken);
            ClusterSpec spec = stored.Spec.Clone();
            change(spec);
            var request = new UpdateClusterRequest
            {
                ClusterId = id,
                ClusterVersion = stored.Meta.Version,
                Spec = spec,
                Rotation = rotation ?? new KeyRotation(),
            };
            return (await ApiCalls.CallAsync(_calls.Control.UpdateClusterAsync(request, cancellationToken: cancellationToken))).Cluster;
        });
    }
}
