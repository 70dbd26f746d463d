// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Scheduler;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>The syntax of placement constraints, as the scheduler's own parser has it.</summary>
internal static class PlacementValidator
{
    /// <summary>Refuses constraints that the scheduler could not read.</summary>
    /// <param name="placement">Where tasks may go; none is fine.</param>
    public static void Validate(Placement? placement)
    {
        foreach (string expression in placement?.Constraints ?? [])
        {
            try
            {
                ConstraintExpression.Parse(expression);
            }
            catch (SwarmException e)
            {
                throw ControlRules.Constraint.Refusal(e.Message);
            }
        }
    }
}
