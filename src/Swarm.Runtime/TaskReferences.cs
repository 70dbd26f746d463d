// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime;

/// <summary>Finds the secrets and configs a generic task refers to (<see cref="TaskSpec.ResourceReferences"/>).</summary>
public static class TaskReferences
{
    /// <summary>Gives the secrets the task refers to, in the order of its specification.</summary>
    /// <param name="task">The task.</param>
    /// <param name="dependencies">What the node has.</param>
    /// <returns>The secrets, frozen.</returns>
    /// <exception cref="TaskControllerException">Temporary: the node has not got one of them (yet).</exception>
    public static IEnumerable<Secret> Secrets(Api.Task task, ITaskDependencies dependencies) =>
        Referenced(task, ResourceType.Secret).Select(id => dependencies.GetSecret(id) ?? throw Missing("secret", id));

    /// <summary>Gives the configs the task refers to, in the order of its specification.</summary>
    /// <param name="task">The task.</param>
    /// <param name="dependencies">What the node has.</param>
    /// <returns>The configs, frozen.</returns>
    /// <exception cref="TaskControllerException">Temporary: the node has not got one of them (yet).</exception>
    public static IEnumerable<Config> Configs(Api.Task task, ITaskDependencies dependencies) =>
        Referenced(task, ResourceType.Config).Select(id => dependencies.GetConfig(id) ?? throw Missing("config", id));

    private static IEnumerable<string> Referenced(Api.Task task, ResourceType type) =>
        (task.Spec?.ResourceReferences ?? [])
        .Where(reference => reference.ResourceType == type)
        .Select(static reference => reference.ResourceId);

    private static TaskControllerException Missing(string kind, string id) =>
        new(TaskControllerErrorKind.Temporary, $"{kind} {id} has not arrived on this node");
}
