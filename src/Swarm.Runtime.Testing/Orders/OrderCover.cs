// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing;

/// <summary>
/// Finds few walks through the table in which every allowed call follows directly on every other it may follow, in every phase: a greedy
/// cover of all pairs of neighbouring moves, each time by the shortest way to the next pair not yet seen.
/// </summary>
internal static class OrderCover
{
    // A failure in a long walk is hard to read.
    private const int MovesMax = 20;

    private readonly record struct Spot(Phase Phase, Move? Last);

    private readonly record struct Step(Spot From, Move Move);

    public static List<Move[]> Walks(bool adopts)
    {
        HashSet<Step> open = AllSteps(adopts);
        var walks = new List<Move[]>();
        while (open.Count > 0)
        {
            var walk = new List<Move>();
            var spot = new Spot(Phase.New, null);
            while (walk.Count < MovesMax && WayToOpen(spot, open, adopts) is { } way)
            {
                foreach (Move move in way)
                {
                    open.Remove(new Step(spot, move));
                    walk.Add(move);
                    spot = new Spot(OrderRules.After(spot.Phase, move), move);
                }
            }

            walks.Add([.. walk]);
        }

        return walks;
    }

    private static HashSet<Step> AllSteps(bool adopts)
    {
        var steps = new HashSet<Step>();
        var queue = new Queue<Spot>([new Spot(Phase.New, null)]);
        while (queue.TryDequeue(out Spot spot))
        {
            foreach (Move move in OrderRules.Allowed(spot.Phase, adopts))
            {
                if (steps.Add(new Step(spot, move)))
                {
                    queue.Enqueue(new Spot(OrderRules.After(spot.Phase, move), move));
                }
            }
        }

        return steps;
    }

    private static List<Move>? WayToOpen(Spot from, HashSet<Step> open, bool adopts)
    {
        var seen = new HashSet<Spot> { from };
        var queue = new Queue<(Spot Spot, List<Move> Way)>([(from, [])]);
        while (queue.TryDequeue(out (Spot Spot, List<Move> Way) next))
        {
            foreach (Move move in OrderRules.Allowed(next.Spot.Phase, adopts))
            {
                List<Move> way = [.. next.Way, move];
                if (open.Contains(new Step(next.Spot, move)))
                {
                    return way;
                }

                var to = new Spot(OrderRules.After(next.Spot.Phase, move), move);
                if (seen.Add(to))
                {
                    queue.Enqueue((to, way));
                }
            }
        }

        return null;
    }
}
