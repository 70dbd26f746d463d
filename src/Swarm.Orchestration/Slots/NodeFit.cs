// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Scheduler;

namespace Swarm.Orchestration.Slots;

/// <summary>Whether a node is one of those that a spec allows, whatever its load.</summary>
internal static class NodeFit
{
    /// <summary>Whether all placement constraints hold. One that cannot be read holds nowhere.</summary>
    public static bool Matches(TaskSpec? spec, Node node)
    {
        if (spec?.Placement is not { } placement)
        {
            return true;
        }

        foreach (string text in placement.Constraints)
        {
            if (!ConstraintExpression.TryParse(text, out ConstraintExpression? constraint, out _) || !constraint.Matches(node))
            {
                return false;
            }
        }

        return true;
    }
}
