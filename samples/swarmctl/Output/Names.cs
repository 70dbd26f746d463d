// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Client;

namespace Swarm.Samples.Swarmctl.Output;

/// <summary>Names of services and nodes by their ids.</summary>
/// <param name="services">Names of services.</param>
/// <param name="nodes">Names of nodes.</param>
internal sealed class Names(IReadOnlyDictionary<string, string> services, IReadOnlyDictionary<string, string> nodes)
{
    private static readonly Dictionary<string, string> _none = [];

    /// <summary>Reads the names from the cluster.</summary>
    /// <param name="client">The client.</param>
    /// <param name="resolve">False to show ids.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The names.</returns>
    public static async Task<Names> ReadAsync(SwarmClient client, bool resolve, CancellationToken cancellationToken)
    {
        if (!resolve)
        {
            return new Names(_none, _none);
        }

        IReadOnlyList<Service> services = await client.Services.ListAsync(cancellationToken: cancellationToken);
        IReadOnlyList<Node> nodes = await client.Nodes.ListAsync(cancellationToken: cancellationToken);
        return new Names(
            services.ToDictionary(static s =>
                s.Id, static s => s.Spec?.Annotations?.Name ?? ""), nodes.ToDictionary(static n => n.Id, NodeName));
    }

    /// <summary>The name of a node: its own, else that of its machine.</summary>
    /// <param name="node">The node.</param>
    /// <returns>The name; empty for none.</returns>
    public static string NodeName(Node node) =>
        node.Spec?.Annotations is { Name.Length: > 0 } annotations ? annotations.Name : node.Description?.Hostname ?? "";

    /// <summary>The name of a service.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>The name; the id where there is none.</returns>
    public string Service(string id) => Name(services, id);

    /// <summary>The name of a node.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>The name; the id where there is none.</returns>
    public string Node(string id) => Name(nodes, id);

    private static string Name(IReadOnlyDictionary<string, string> names, string id) =>
        names.TryGetValue(id, out string? name) && name.Length > 0 ? name : id;
}
