// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Runtime.Docker.Containers;

/// <summary>The labels that tell which task a container belongs to, and which node of ours made it.</summary>
internal static class ContainerLabels
{
    /// <summary>Ours alone: the id of the node that made the container. Containers without it, or of another node, are never touched.</summary>
    public const string Owner = "swarm.owner.node.id";

    public const string Task = "com.docker.swarm.task";
    public const string TaskId = "com.docker.swarm.task.id";
    public const string TaskName = "com.docker.swarm.task.name";
    public const string NodeId = "com.docker.swarm.node.id";
    public const string ServiceId = "com.docker.swarm.service.id";
    public const string ServiceName = "com.docker.swarm.service.name";

    /// <summary>Labels of the specification, over them those of the task, over them the system's.</summary>
    public static SortedDictionary<string, string> Of(Api.Task task, ContainerSpec spec, string ownerNodeId)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in spec.Labels)
        {
            labels[key] = value;
        }

        foreach ((string key, string value) in task.Annotations?.Labels ?? [])
        {
            labels[key] = value;
        }

        labels[Task] = "";
        labels[TaskId] = task.Id;
        labels[TaskName] = TaskNaming.Name(task);
        labels[NodeId] = task.NodeId;
        labels[ServiceId] = task.ServiceId;
        labels[ServiceName] = task.ServiceAnnotations?.Name ?? "";
        labels[Owner] = ownerNodeId;
        return labels;
    }
}
