// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Client;

/// <summary>How far a service has come, at one look. Immutable.</summary>
/// <param name="ServiceId">The service.</param>
/// <param name="Name">Its name.</param>
/// <param name="Desired">Tasks that should run: the replicas, or one for each node that a global service has a task on.</param>
/// <param name="Running">Tasks that run, are meant to, and are of the newest spec.</param>
/// <param name="Phase">How far it is.</param>
/// <param name="Reason">Why it is not further: what the first waiting task waits for, or how the last one failed; may be empty.</param>
public sealed record ServiceProgress(
    string ServiceId, string Name, ulong Desired, ulong Running, ServicePhase Phase, string Reason)
{
    /// <summary>Looks at a service and its tasks. Pure.</summary>
    /// <param name="service">The service.</param>
    /// <param name="tasks">All its tasks.</param>
    /// <returns>How far it has come.</returns>
    public static ServiceProgress Of(Service service, IReadOnlyCollection<Api.Task> tasks)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(tasks);
        ulong wanted = 0;
        ulong running = 0;
        ulong current = 0;
        foreach (Api.Task task in tasks.Where(static t => t.DesiredState <= TaskState.Running))
        {
            wanted++;
            bool isCurrent = IsCurrent(service, task);
            current += isCurrent ? 1UL : 0;
            running += isCurrent && task.ObservedState() == TaskState.Running ? 1UL : 0;
        }

        bool global = service.Spec.ModeCase == ServiceSpec.ModeOneofCase.Global;
        ulong desired = global ? wanted : service.Spec.Replicated?.Replicas ?? 0;
        UpdateStatus.Types.UpdateState update = service.UpdateStatus?.State ?? UpdateStatus.Types.UpdateState.Unknown;
        bool updating = update is UpdateStatus.Types.UpdateState.Updating or UpdateStatus.Types.UpdateState.RollbackStarted;
        bool paused = update is UpdateStatus.Types.UpdateState.Paused or UpdateStatus.Types.UpdateState.RollbackPaused;
        bool all = running == desired && wanted == desired && current == desired && !(global && desired == 0);
        ServicePhase phase = paused ? ServicePhase.Paused : all && !updating ? ServicePhase.Converged : ServicePhase.Converging;
        string reason = paused ? service.UpdateStatus!.Message : phase == ServicePhase.Converged ? "" : WhyNot(service, tasks);
        return new ServiceProgress(service.Id, service.Spec.Annotations?.Name ?? "", desired, running, phase, reason);
    }

    // A task that was left alone by an update keeps its old version and has the same work to do.
    private static bool IsCurrent(Service service, Api.Task task) =>
        (task.SpecVersion?.Index ?? 0) == (service.SpecVersion?.Index ?? 0)
        || (Equals(WithoutPlacement(task.Spec), WithoutPlacement(service.Spec.Task))
            && Equals(task.Endpoint?.Spec ?? new EndpointSpec(), service.Spec.Endpoint ?? new EndpointSpec()));

    private static TaskSpec? WithoutPlacement(TaskSpec? spec) => spec?.WithPlacement(null);

    private static string WhyNot(Service service, IReadOnlyCollection<Api.Task> tasks)
    {
        Api.Task? waiting = tasks
            .Where(static t => t.DesiredState <= TaskState.Running && t.ObservedState() < TaskState.Running && TaskReasons.Of(t).Length > 0)
            .OrderBy(static t => t.Slot)
            .ThenBy(static t => t.Id, StringComparer.Ordinal)
            .FirstOrDefault();
        Api.Task? failed = tasks
            .Where(static t => t.ObservedState() is TaskState.Failed or TaskState.Rejected && TaskReasons.Of(t).Length > 0)
            .OrderByDescending(static t => t.Status.Timestamp?.ToDateTimeOffset() ?? DateTimeOffset.MinValue)
            .ThenBy(static t => t.Id, StringComparer.Ordinal)
            .FirstOrDefault();
        Api.Task? task = waiting ?? failed;
        return task is null ? "" : $"{service.Spec.Annotations?.Name}.{task.Slot}: {TaskReasons.Of(task)}";
    }
}
