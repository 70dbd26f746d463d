// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Slots;

namespace Swarm.Orchestration.Updates;

/// <summary>Whether a task still is what its service asks for.</summary>
internal static class TaskDirtiness
{
    private static readonly EndpointSpec NoEndpoint = new();

    /// <summary>
    /// Whether a task must be replaced to follow its service. It need not where the spec version is the same, where task
    /// and endpoint spec are equal, or where only placement changed and the node of the task still fits.
    /// </summary>
    public static bool IsDirty(Api.Task task, Service service, Node? node)
    {
        if (task.SpecVersion is { } version && version.Equals(service.SpecVersion))
        {
            return false;
        }

        if (!(task.Endpoint?.Spec ?? NoEndpoint).Equals(service.Spec?.Endpoint ?? NoEndpoint))
        {
            return true;
        }

        TaskSpec? has = task.Spec, wants = service.Spec?.Task;
        if (ReferenceEquals(has, wants) || Equals(has, wants))
        {
            return false;
        }

        if (has is null || wants is null)
        {
            return true;
        }

        // How an image was to be pulled no longer matters once it is there.
        if (task.ObservedState() is >= TaskState.Ready and <= TaskState.Running)
        {
            has = WithoutPullOptions(has);
            wants = WithoutPullOptions(wants);
        }

        if (Equals(has, wants))
        {
            return false;
        }

        return !Equals(has.WithPlacement(null), wants.WithPlacement(null))
            || node is null
            || !NodeFit.Matches(wants, node);
    }

    private static TaskSpec WithoutPullOptions(TaskSpec spec) =>
        spec.Container?.PullOptions is null ? spec : spec.WithContainer(spec.Container.WithPullOptions(null));
}
