// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Orchestration.Updates;

/// <summary>How the update of a service, or its rollback, is to go.</summary>
/// <param name="Parallelism">Slots at once.</param>
/// <param name="Delay">Time after each slot.</param>
/// <param name="Monitor">Time for which a new task is watched for failure once it runs.</param>
/// <param name="OnFailure">What happens if too many slots fail.</param>
/// <param name="MaxFailureRatio">Failed slots for each slot of the update that are still tolerated.</param>
/// <param name="StartFirst">Whether new tasks start before old ones stop.</param>
internal readonly record struct UpdateRules(
    ulong Parallelism, TimeSpan Delay, TimeSpan Monitor, UpdateConfig.Types.FailureAction OnFailure, float MaxFailureRatio, bool StartFirst)
{
    /// <summary>The rules that hold for a service now. A service that names none is updated one slot after the other.</summary>
    public static UpdateRules Of(Service service)
    {
        UpdateConfig? config = IsRollback(service) ? service.Spec?.Rollback : service.Spec?.Update;
        ulong parallelism = config?.Parallelism ?? 1;
        return new UpdateRules(
            parallelism == 0 ? ulong.MaxValue : parallelism,
            AtLeastZero((config?.Delay).OrDefault(TimeSpan.Zero)),
            AtLeastZero((config?.Monitor).OrDefault(SwarmDefaults.UpdateMonitor)),
            config?.FailureAction ?? UpdateConfig.Types.FailureAction.Pause,
            config?.MaxFailureRatio ?? 0,
            config?.Order == UpdateConfig.Types.UpdateOrder.StartFirst);
    }

    /// <summary>Whether the service is on its way back to an earlier spec.</summary>
    public static bool IsRollback(Service service) =>
        service.UpdateStatus?.State is UpdateStatus.Types.UpdateState.RollbackStarted or UpdateStatus.Types.UpdateState.RollbackPaused;

    /// <summary>Whether slots are being replaced.</summary>
    public static bool IsActive(Service service) =>
        service.UpdateStatus?.State is UpdateStatus.Types.UpdateState.Updating or UpdateStatus.Types.UpdateState.RollbackStarted;

    /// <summary>Whether the update waits for an operator.</summary>
    public static bool IsPaused(Service service) =>
        service.UpdateStatus?.State is UpdateStatus.Types.UpdateState.Paused or UpdateStatus.Types.UpdateState.RollbackPaused;

    private static TimeSpan AtLeastZero(TimeSpan time) => time < TimeSpan.Zero ? TimeSpan.Zero : time;
}
