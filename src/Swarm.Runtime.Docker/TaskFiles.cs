// SPDX-License-Identifier: Apache-2.0
using Swarm.Runtime.Docker.Containers;
using Swarm.Runtime.Docker.Secrets;

namespace Swarm.Runtime.Docker;

/// <summary>Where the files of secrets and configs of a node are, if the engine can see any.</summary>
internal sealed class TaskFiles(string? given, bool engineIsHere)
{
    // One of each node's own, also where several nodes were given the same: what is left of old tasks is looked for there.
    public string? DirectoryOf(string nodeId) => given is not null
        ? SecretsFiles.DirectoryOf(given, nodeId)
        : engineIsHere && nodeId.Length > 0 ? SecretsFiles.FindMemory(nodeId) : null;

    public void Write(ContainerPlan plan, Api.Task task)
    {
        if (plan.Files.Count > 0 && DirectoryOf(task.NodeId) is { } root)
        {
            SecretsFiles.Write(root, task.Id, plan.Files, given);
        }
    }

    public void Delete(string nodeId, string taskId)
    {
        if (DirectoryOf(nodeId) is { } root)
        {
            SecretsFiles.Delete(root, taskId);
        }
    }

    /// <summary>Removes what is left of tasks that nobody wants any more.</summary>
    /// <exception cref="TaskControllerException">The system does not let it be removed.</exception>
    public void Sweep(string nodeId, Func<string, bool> isWanted)
    {
        if (DirectoryOf(nodeId) is { } root)
        {
            SecretsFiles.Sweep(root, isWanted);
        }
    }

    /// <summary>Whether a task has files, which a restart of the machine takes away.</summary>
    public static bool Needed(Api.Task task) => task.Spec?.Container is { } spec && spec.Secrets.Count + spec.Configs.Count > 0;
}
