// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>The rules of a node spec that need no store.</summary>
internal static class NodeSpecValidator
{
    /// <summary>Refuses a spec that breaks a rule.</summary>
    /// <param name="spec">The spec.</param>
    public static void Validate(NodeSpec? spec)
    {
        ControlRules.SpecPresent.Require(spec is not null, "node");
        CommonValidator.SpecSize(spec!, "node");
        CommonValidator.Known(spec!.Availability, "availability");
        CommonValidator.Known(spec.DesiredRole, "role");
        CommonValidator.Known(spec.Membership, "membership");
    }
}
