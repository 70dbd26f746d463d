// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Client;

/// <summary>The machines of the cluster. Thread-safe.</summary>
public sealed class NodeOperations
{
    private readonly ApiCalls _calls;

    internal NodeOperations(ApiCalls calls) => _calls = calls;

    /// <summary>Gets a node.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The node.</returns>
    /// <exception cref="Swarm.Core.SwarmException">There is none, or the call failed.</exception>
    public async Task<Node> GetAsync(string id, CancellationToken cancellationToken = default) =>
        (await ApiCalls.CallAsync(_calls.Control.GetNodeAsync(
            new GetNodeRequest { NodeId = id }, cancellationToken: cancellationToken))).Node;

    /// <summary>Finds the node that a person means: by id, else by full name, else by the beginning of the id.</summary>
    /// <param name="reference">What the person wrote.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The node.</returns>
    /// <exception cref="Swarm.Core.SwarmException">There is none, or more than one.</exception>
    public Task<Node> ResolveAsync(string reference, CancellationToken cancellationToken = default) => ApiCalls.ResolveAsync(
        "node",
        reference,
        id => GetAsync(id, cancellationToken),
        name => ListAsync(new() { Names = { name } }, cancellationToken),
        prefix => ListAsync(new() { IdPrefixes = { prefix } }, cancellationToken));

    /// <summary>Lists nodes.</summary>
    /// <param name="filters">Which; all when left out.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The nodes by id.</returns>
    /// <exception cref="Swarm.Core.SwarmException">The call failed.</exception>
    public Task<IReadOnlyList<Node>> ListAsync(
        ListNodesRequest.Types.Filters? filters = null, CancellationToken cancellationToken = default) => ApiCalls.ListAsync<Node>(
            async prefix =>
            {
                ListNodesRequest.Types.Filters asked = filters ?? new();
                var request = new ListNodesRequest { Filters = prefix is null ? asked : asked.WithIdPrefixes([prefix]) };
                return (await ApiCalls.CallAsync(_calls.Control.ListNodesAsync(request, cancellationToken: cancellationToken))).Nodes;
            },
            filters is not { IdPrefixes.Count: > 0 });

    /// <summary>Changes a node: reads, changes and writes it; again, up to five times, if another was faster.</summary>
    /// <param name="id">The node.</param>
    /// <param name="change">Changes the spec in place; may be called more than once.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The node as stored.</returns>
    /// <exception cref="Swarm.Core.SwarmException">The new spec breaks a rule, or the call failed.</exception>
    public Task<Node> UpdateAsync(string id, Action<NodeSpec> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        return ApiCalls.ReadModifyWriteAsync(async () =>
        {
            Node stored = await GetAsync(id, cancellationToken);
            NodeSpec spec = stored.Spec.Clone();
            change(spec);
            var request = new UpdateNodeRequest { NodeId = id, NodeVersion = stored.Meta.Version, Spec = spec };
            return (await ApiCalls.CallAsync(_calls.Control.UpdateNodeAsync(request, cancellationToken: cancellationToken))).Node;
        });
    }

    /// <summary>Removes a node, and gives up what tasks it may still run.</summary>
    /// <param name="id">The node.</param>
    /// <param name="force">Whether it may be READY.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Ends when it is removed.</returns>
    /// <exception cref="Swarm.Core.SwarmException">It is a manager, it is READY, there is none, or the call failed.</exception>
    public Task RemoveAsync(string id, bool force = false, CancellationToken cancellationToken = default) => ApiCalls.CallAsync(
        _calls.Control.RemoveNodeAsync(new RemoveNodeRequest { NodeId = id, Force = force }, cancellationToken: cancellationToken));
}
