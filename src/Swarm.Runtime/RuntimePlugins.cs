// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime;

/// <summary>How a node tells which runtimes it has, and a task which one it needs.</summary>
public static class RuntimePlugins
{
    /// <summary>The type of the plugin by which a node lists a runtime; the plugin's name is <see cref="IExecutor.RuntimeName"/>.</summary>
    public const string PluginType = "Runtime";

    /// <summary>The runtime of container tasks.</summary>
    public const string Docker = "docker";

    /// <summary>The runtime that runs tasks as processes of the operating system.</summary>
    public const string Process = "process";

    /// <summary>The runtime that runs tasks inside the host program.</summary>
    public const string InProcess = "inproc";

    /// <summary>The name of the runtime a task needs.</summary>
    /// <param name="task">The task.</param>
    /// <returns>The kind of a generic task, <see cref="Docker"/> for containers and attachments, an empty text for a task without a
    /// runtime.</returns>
    public static string NameOf(Api.Task task) => task.Spec?.RuntimeCase switch
    {
        TaskSpec.RuntimeOneofCase.Generic => task.Spec.Generic.Kind,
        TaskSpec.RuntimeOneofCase.Container or TaskSpec.RuntimeOneofCase.Attachment => Docker,
        _ => "",
    };

    /// <summary>Describes a runtime as a plugin.</summary>
    /// <param name="runtimeName">The executor's name.</param>
    /// <returns>A new plugin description.</returns>
    public static PluginDescription Describe(string runtimeName) => new() { Type = PluginType, Name = runtimeName };
}
