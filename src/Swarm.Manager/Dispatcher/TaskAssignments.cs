// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Manager;

/// <summary>A secret or config that a task needs on its node.</summary>
internal readonly record struct DependencyKey(ResourceType Kind, string Id);

/// <summary>What of a task concerns its node.</summary>
internal static class TaskAssignments
{
    /// <summary>Whether a node is told of this task: it was placed there.</summary>
    public static bool IsSentTo(Api.Task? task, string nodeId) =>
        task is not null && task.NodeId == nodeId && task.ObservedState() >= TaskState.Assigned;

    /// <summary>Whether the task still needs its secrets and configs.</summary>
    public static bool NeedsDependencies(Api.Task task) => !task.ObservedState().IsTerminal();

    /// <summary>The secrets and configs a task names, each once, in the order named.</summary>
    public static IReadOnlyList<DependencyKey> Dependencies(Api.Task task)
    {
        if (task.Spec is not { } spec)
        {
            return [];
        }

        ContainerSpec? container = spec.RuntimeCase == TaskSpec.RuntimeOneofCase.Container ? spec.Container : null;
        if (spec.ResourceReferences.Count == 0 && (container is null || container.Secrets.Count + container.Configs.Count == 0))
        {
            return [];
        }

        var found = new List<DependencyKey>();
        if (container is not null)
        {
            foreach (SecretReference secret in container.Secrets)
            {
                Add(found, new DependencyKey(ResourceType.Secret, secret.SecretId));
            }

            foreach (ConfigReference config in container.Configs)
            {
                // A config that only feeds the runtime (a credential spec, say) is needed on the node like any other.
                Add(found, new DependencyKey(ResourceType.Config, config.ConfigId));
            }
        }

        foreach (ResourceReference reference in spec.ResourceReferences)
        {
            if (reference.ResourceType is ResourceType.Secret or ResourceType.Config)
            {
                Add(found, new DependencyKey(reference.ResourceType, reference.ResourceId));
            }
        }

        return found;
    }

    /// <summary>Whether two forms of a task are the same to its node: all but the status and the bookkeeping of the store.</summary>
    public static bool SameForNode(Api.Task a, Api.Task b) =>
        ReferenceEquals(a, b)
        || (a.DesiredState == b.DesiredState
            && a.NodeId == b.NodeId
            && a.ServiceId == b.ServiceId
            && a.Slot == b.Slot
            && Same(a.Spec, b.Spec)
            && Same(a.SpecVersion, b.SpecVersion)
            && Same(a.Annotations, b.Annotations)
            && Same(a.ServiceAnnotations, b.ServiceAnnotations)
            && Same(a.Networks, b.Networks)
            && Same(a.Endpoint, b.Endpoint)
            && Same(a.LogDriver, b.LogDriver)
            && Same(a.AssignedGenericResources, b.AssignedGenericResources)
            && Same(a.JobIteration, b.JobIteration)
            && Same(a.Volumes, b.Volumes));

    // Copies share what they did not change, so the pointers nearly always settle it.
    private static bool Same<T>(T? a, T? b)
        where T : class => ReferenceEquals(a, b) || (a is not null && a.Equals(b));

    private static void Add(List<DependencyKey> found, DependencyKey key)
    {
        if (key.Id.Length != 0 && !found.Contains(key))
        {
            found.Add(key);
        }
    }
}
