// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Store;

namespace Swarm.Orchestration.Work;

/// <summary>How a controller that works through many things writes, so that one of them cannot hold up the others.</summary>
internal static class TurnWrites
{
    /// <summary>
    /// Runs an atom about an object. One that is refused (it does not fit into a log entry, say) or that fails is left out with
    /// an alarm, and whatever stands behind it in the queue gets its turn.
    /// </summary>
    /// <param name="turn">The turn.</param>
    /// <param name="subject">What it is about.</param>
    /// <param name="atom">Decides and writes.</param>
    /// <returns>False when the budget is used up: try the same thing again in the next turn.</returns>
    public static bool TryAtomOrSkip(this IControllerTurn turn, IStoreObject subject, Action<IStoreTransaction> atom)
    {
        try
        {
            return turn.TryAtom(atom);
        }
        catch (SwarmException e)
        {
            turn.Alarm(e);
            return true;
        }
        catch (Exception e) when (turn.LeaveOut(subject, e))
        {
            return true;
        }
    }
}
