// SPDX-License-Identifier: Apache-2.0
using Docker.DotNet.Models;
using Swarm.Api;
using NodeDescription = Swarm.Api.NodeDescription;
using Platform = Swarm.Api.Platform;
using Resources = Swarm.Api.Resources;
using EngineDescription = Swarm.Api.EngineDescription;
using PluginDescription = Swarm.Api.PluginDescription;

namespace Swarm.Runtime.Docker.Engine;

/// <summary>What an engine says about its machine, as a node's description.</summary>
internal static class EngineDescriptions
{
    private const long NanoPerCpu = 1_000_000_000;

    public static NodeDescription Of(SystemInfoResponse info)
    {
        var engine = new EngineDescription { EngineVersion = info.ServerVersion ?? "", Plugins = { RuntimePlugins.Describe(RuntimePlugins.Docker) } };
        foreach (string label in info.Labels ?? [])
        {
            string[] parts = label.Split('=', 2);
            engine.Labels[parts[0]] = parts.Length > 1 ? parts[1] : "";
        }

        Add("Volume", info.Plugins?.Volume);
        Add("Network", info.Plugins?.Network);
        Add("Authorization", info.Plugins?.Authorization);
        Add("Log", info.Plugins?.Log);
        return new NodeDescription
        {
            Hostname = info.Name ?? "",
            Platform = new Platform { Os = info.OSType is { Length: > 0 } os ? os : "linux", Architecture = info.Architecture ?? "" },
            Resources = new Resources { NanoCpus = info.NCPU * NanoPerCpu, MemoryBytes = info.MemTotal },
            Engine = engine,
        };

        void Add(string type, IList<string>? names) => engine.Plugins.AddRange(
            (names ?? []).Order(StringComparer.Ordinal).Select(name => new PluginDescription { Type = type, Name = name }));
    }
}
