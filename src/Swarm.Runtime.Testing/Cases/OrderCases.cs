// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Swarm.Runtime.Testing;

/// <summary>The eight calls, each after each other, in every phase of a task.</summary>
internal static class OrderCases
{
    public static void AddTo(CaseList cases)
    {
        List<Move[]> walks = OrderCover.Walks((cases.Features & ConformanceFeatures.Adoption) != 0);
        for (int at = 0; at < walks.Count; at++)
        {
            Move[] walk = walks[at];
            cases.Add(
                string.Create(CultureInfo.InvariantCulture, $"Order_{at + 1:00}"),
                "The calls end as the contract says, and the work follows: " + string.Join(", ", walk.Select(OrderWalk.Name)) + ".",
                bench => new OrderWalk(bench).RunAsync(walk));
        }
    }
}
