// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.Collections;
using Swarm.Api;

namespace Swarm.Scheduler;

/// <summary>Passes nodes that list the volume, network and log drivers and the runtime that the task uses.</summary>
public sealed class PluginFilter : INodeFilter
{
    private const string ContainerRuntime = "docker";

    private readonly List<(string Type, string Name)> _drivers = [];
    private string _logDriver = "";
    private string _runtime = "";
    private bool _isContainer;

    /// <inheritdoc/>
    public string Name => "plugin";

    /// <inheritdoc/>
    public PlacementReason Reason => PlacementReason.MissingPlugin;

    /// <inheritdoc/>
    public NodeAspects DependsOn => NodeAspects.Plugins;

    /// <inheritdoc/>
    public bool SetTask(Api.Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        TaskSpec? spec = task.Spec;
        _isContainer = spec?.RuntimeCase != TaskSpec.RuntimeOneofCase.Generic;
        _runtime = _isContainer ? ContainerRuntime : spec!.Generic.Kind;
        _logDriver = (task.LogDriver ?? spec?.LogDriver)?.Name ?? "";
        _logDriver = _logDriver == "none" ? "" : _logDriver;
        _drivers.Clear();
        foreach (Mount mount in spec?.Container?.Mounts ?? [])
        {
            // Every engine has the driver called local.
            if (mount.Type == Mount.Types.Type.Volume && mount.VolumeOptions?.DriverConfig?.Name is { Length: > 0 } volume and not "local")
            {
                _drivers.Add(("Volume", volume));
            }
        }

        foreach (NetworkAttachment attachment in task.Networks)
        {
            if (attachment.Network?.DriverState?.Name is { Length: > 0 } network)
            {
                _drivers.Add(("Network", network));
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public bool Check(NodeInfo node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (node.Node.Description?.Engine is not { } engine)
        {
            // It tells nothing of what it can do. What is no container needs to be known.
            return _isContainer;
        }

        RepeatedField<PluginDescription> plugins = engine.Plugins;
        bool runs = Lists(plugins, "Runtime", _runtime) || (_isContainer && !ListsAny(plugins, "Runtime"));
        bool logs = _logDriver.Length == 0 || Lists(plugins, "Log", _logDriver) || !ListsAny(plugins, "Log");
        return runs && logs && _drivers.TrueForAll(d => Lists(plugins, d.Type, d.Name));
    }

    /// <inheritdoc/>
    public string Explain(int nodes) => NodeFilters.On("missing plugin", nodes) + (_runtime.Length > 0 ? $": needs {Needs()}" : "");

    // Which of these a node lacks differs from node to node; what is needed does not.
    private string Needs()
    {
        IEnumerable<string> needs = [$"runtime {_runtime}", .. _drivers.Select(static d => $"{d.Type.ToLowerInvariant()} driver {d.Name}")];
        return string.Join(", ", _logDriver.Length > 0 ? needs.Append($"log driver {_logDriver}") : needs);
    }

    private static bool ListsAny(RepeatedField<PluginDescription> plugins, string type)
    {
        foreach (PluginDescription plugin in plugins)
        {
            if (plugin.Type == type)
            {
                return true;
            }
        }

        return false;
    }

    private static bool Lists(RepeatedField<PluginDescription> plugins, string type, string name)
    {
        foreach (PluginDescription plugin in plugins)
        {
            if (plugin.Type == type && WithoutLatest(plugin.Name).SequenceEqual(WithoutLatest(name)))
            {
                return true;
            }
        }

        return false;
    }

    // Plugins are named like images: no tag means the one called latest.
    private static ReadOnlySpan<char> WithoutLatest(string name) =>
        name.EndsWith(":latest", StringComparison.Ordinal) ? name.AsSpan(0, name.Length - ":latest".Length) : name;
}
