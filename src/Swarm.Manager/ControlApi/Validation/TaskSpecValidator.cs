// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>The rules of a task spec that need no store.</summary>
internal static class TaskSpecValidator
{
    /// <summary>Refuses a spec that breaks a rule.</summary>
    /// <param name="spec">The task spec of a service.</param>
    /// <exception cref="Swarm.Core.SwarmException">A rule is broken; the text names it.</exception>
    public static void Validate(TaskSpec? spec)
    {
        ControlRules.SpecPresent.Require(spec is not null, "task");
        ResourcesValidator.Validate(spec!.Resources);
        Restart(spec.Restart);
        PlacementValidator.Validate(spec.Placement);
        CommonValidator.Driver(spec.LogDriver);
        foreach (ResourceReference reference in spec.ResourceReferences)
        {
            ControlRules.ResourceReference.Require(
                reference.ResourceId.Length > 0 && reference.ResourceType is ResourceType.Secret or ResourceType.Config);
        }

        switch (spec.RuntimeCase)
        {
            case TaskSpec.RuntimeOneofCase.Container:
                ContainerSpecValidator.Validate(spec.Container);
                break;
            case TaskSpec.RuntimeOneofCase.Generic:
                GenericRuntimeValidator.Validate(spec.Generic);
                break;
            case TaskSpec.RuntimeOneofCase.None:
                throw ControlRules.RuntimePresent.Refusal();
            default:
                throw ControlRules.RuntimeKnown.Refusal();
        }
    }

    private static void Restart(RestartPolicy? policy)
    {
        if (policy is null)
        {
            return;
        }

        CommonValidator.Known(policy.Condition, "restart-condition");
        ControlRules.RestartDelay.Require(CommonValidator.Time(policy.Delay, "restart-delay") is not { Ticks: < 0 });
        ControlRules.RestartWindow.Require(CommonValidator.Time(policy.Window, "restart-window") is not { Ticks: < 0 });
    }
}
