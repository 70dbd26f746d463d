// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime;

/// <summary>Joins what several executors say about one node.</summary>
public static class NodeDescriptions
{
    /// <summary>
    /// Joins descriptions: the first one that knows the host name, platform, engine version or an amount of a resource wins; plugins,
    /// labels and generic resources are united, plugins in order of type and name.
    /// </summary>
    /// <param name="descriptions">The executors' descriptions, in order of preference; not changed.</param>
    /// <returns>A new description.</returns>
    public static NodeDescription Merge(IEnumerable<NodeDescription> descriptions)
    {
        ArgumentNullException.ThrowIfNull(descriptions);
        var result = new NodeDescription { Resources = new Resources(), Engine = new EngineDescription() };
        var plugins = new SortedSet<(string Type, string Name)>(Comparer<(string Type, string Name)>.Create(ComparePlugins));
        foreach (NodeDescription part in descriptions)
        {
            result.Hostname = FirstOf(result.Hostname, part.Hostname);
            result.Platform ??= part.Platform?.Clone();
            result.TlsInfo ??= part.TlsInfo?.Clone();
            MergeResources(result.Resources, part.Resources);
            result.CsiInfo.AddRange(part.CsiInfo.Select(static info => info.Clone()));
            if (part.Engine is not { } engine)
            {
                continue;
            }

            result.Engine.EngineVersion = FirstOf(result.Engine.EngineVersion, engine.EngineVersion);
            foreach ((string key, string value) in engine.Labels)
            {
                result.Engine.Labels.TryAdd(key, value);
            }

            plugins.UnionWith(engine.Plugins.Select(static plugin => (plugin.Type, plugin.Name)));
        }

        result.Engine.Plugins.AddRange(plugins.Select(static p => new PluginDescription { Type = p.Type, Name = p.Name }));
        return result;
    }

    private static int ComparePlugins((string Type, string Name) a, (string Type, string Name) b)
    {
        int byType = string.CompareOrdinal(a.Type, b.Type);
        return byType != 0 ? byType : string.CompareOrdinal(a.Name, b.Name);
    }

    private static string FirstOf(string first, string otherwise) => first.Length > 0 ? first : otherwise;

    private static void MergeResources(Resources into, Resources? from)
    {
        if (from is null)
        {
            return;
        }

        into.NanoCpus = into.NanoCpus != 0 ? into.NanoCpus : from.NanoCpus;
        into.MemoryBytes = into.MemoryBytes != 0 ? into.MemoryBytes : from.MemoryBytes;
        into.Generic.AddRange(from.Generic.Select(static resource => resource.Clone()));
    }
}
