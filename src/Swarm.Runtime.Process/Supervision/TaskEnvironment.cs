// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Swarm.Core;

namespace Swarm.Runtime.Process;

/// <summary>Makes the environment of a task. Nothing of the agent's own gets in but what its options name.</summary>
internal static class TaskEnvironment
{
    public static List<string> Make(
        Api.Task task, ProcessPlan plan, TaskDirectory directory, string dependencyDirectory, ProcessExecutorOptions options)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = options.SearchPath };
        foreach (string name in options.PassedVariables)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                variables[name] = value;
            }
        }

        variables["HOME"] = plan.User?.Home ?? Environment.GetEnvironmentVariable("HOME") ?? "/";
        variables["USER"] = variables["LOGNAME"] = plan.User?.Name ?? Environment.UserName;
        variables["SWARM_SERVICE_ID"] = task.ServiceId;
        variables["SWARM_SERVICE_NAME"] = task.ServiceAnnotations?.Name ?? "";
        variables["SWARM_TASK_NAME"] = TaskNaming.Name(task);
        variables["SWARM_TASK_SLOT"] = task.Slot.ToString(CultureInfo.InvariantCulture);
        variables["SWARM_NODE_ID"] = task.NodeId;
        variables["SWARM_PORTS_FILE"] = directory.Ports;
        variables["SWARM_SECRETS_DIR"] = DependencyFiles.Secrets(dependencyDirectory);
        variables["SWARM_CONFIGS_DIR"] = DependencyFiles.Configs(dependencyDirectory);
        foreach (string entry in plan.Environment)
        {
            int equals = entry.IndexOf('=');
            variables[entry[..equals]] = entry[(equals + 1)..];
        }

        variables[ProcessPlanner.TaskIdVariable] = task.Id;
        variables[ProcessPlanner.TaskDirectoryVariable] = directory.Work;
        return [.. variables.Select(static variable => $"{variable.Key}={variable.Value}")];
    }
}
