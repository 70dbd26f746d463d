// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>The rules of a service spec that need no store.</summary>
internal static class ServiceSpecValidator
{
    /// <summary>Refuses a spec that breaks a rule.</summary>
    /// <param name="spec">The spec.</param>
    /// <exception cref="Swarm.Core.SwarmException">A rule is broken; the text names it.</exception>
    public static void Validate(ServiceSpec? spec)
    {
        ControlRules.SpecPresent.Require(spec is not null, "service");
        CommonValidator.SpecSize(spec!, "service");
        CommonValidator.ServiceName(spec!.Annotations);
        ControlRules.ServiceMode.Require(spec.ModeCase != ServiceSpec.ModeOneofCase.None);
        TaskSpecValidator.Validate(spec.Task);
        if (IsJob(spec))
        {
            ControlRules.JobUpdate.Require(spec.Update is null && spec.Rollback is null);
        }

        Update(spec.Update, "update");
        Update(spec.Rollback, "rollback");
        EndpointValidator.Validate(spec.Endpoint);
    }

    /// <summary>Whether a service runs to an end.</summary>
    /// <param name="spec">The spec.</param>
    /// <returns>True for both kinds of job.</returns>
    public static bool IsJob(ServiceSpec spec) =>
        spec.ModeCase is ServiceSpec.ModeOneofCase.ReplicatedJob or ServiceSpec.ModeOneofCase.GlobalJob;

    private static void Update(UpdateConfig? config, string what)
    {
        if (config is null)
        {
            return;
        }

        ControlRules.UpdateDelay.Require(CommonValidator.Time(config.Delay, what + "-delay") is not { Ticks: < 0 }, what);
        ControlRules.UpdateMonitor.Require(CommonValidator.Time(config.Monitor, what + "-monitor") is not { Ticks: < 0 }, what);
        ControlRules.UpdateRatio.Require(config.MaxFailureRatio is >= 0 and <= 1, what);
        CommonValidator.Known(config.FailureAction, what + "-on-failure");
        CommonValidator.Known(config.Order, what + "-order");
    }
}
