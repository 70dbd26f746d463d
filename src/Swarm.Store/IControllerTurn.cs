// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Store;

/// <summary>What a controller works with in one turn.</summary>
public interface IControllerTurn
{
    /// <summary>The state, with everything written so far. It follows the controller's own atoms.</summary>
    IStoreReader Head { get; }

    /// <summary>The time of the turn.</summary>
    DateTimeOffset Now { get; }

    /// <summary>Keys of the timers that came due, by due time; each is told once.</summary>
    IReadOnlyList<string> DueTimers { get; }

    /// <summary>A random stream of this run's own.</summary>
    SeededRandom Random { get; }

    /// <summary>
    /// Runs one decision with its claims as an atom. Atoms that follow each other may end up in different log entries.
    /// </summary>
    /// <param name="atom">Writes; run once or twice, always from the state Head has now.</param>
    /// <returns>True if it was taken; false if the budget is used up: stop, and return true from <see cref="IController.Run"/>.</returns>
    /// <exception cref="SwarmException">What the atom threw (it left nothing behind), or
    /// <see cref="SwarmErrorCode.ResourceExhausted"/>: it is larger than a log entry may be.</exception>
    bool TryAtom(Action<IStoreTransaction> atom);

    /// <summary>Sets or moves a timer of this controller.</summary>
    /// <param name="key">Its name within the controller.</param>
    /// <param name="due">When; a time in the past means the next turn.</param>
    void SetTimer(string key, DateTimeOffset due);

    /// <summary>Takes a timer of this controller away, if there is one.</summary>
    /// <param name="key">Its name within the controller.</param>
    void CancelTimer(string key);

    /// <summary>
    /// Tells the operator of work that the controller leaves out, so that it can go on with the rest; the first one of a run is
    /// logged and counted.
    /// </summary>
    /// <param name="error">Why the work cannot be done.</param>
    void Alarm(SwarmException error);

    /// <summary>
    /// For the filter of a catch around the work on one stored object: tells the operator, once for each version of the object,
    /// that the controller cannot work on it, so that it goes on with the others.
    /// </summary>
    /// <param name="subject">The object.</param>
    /// <param name="error">What was thrown.</param>
    /// <returns>True if the object is to be left out; false if the error is the store's own, which must go through.</returns>
    bool LeaveOut(IStoreObject subject, Exception error);
}
