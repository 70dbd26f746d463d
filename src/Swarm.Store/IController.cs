// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store;

/// <summary>
/// A part that derives state from state (orchestrator, allocator, scheduler, reaper …): a pure step in the writer's turn.
/// It has no effects outside the store, reads no clock, and keeps only projections that <see cref="Begin"/> can rebuild.
/// A new one is made for each reign. Never called by two threads at once.
/// </summary>
public interface IController
{
    /// <summary>A short name for logs, counters and random streams; each controller of a writer has one of its own.</summary>
    string Name { get; }

    /// <summary>A reign begins: build projections from Head, set timers. Writing comes with the first <see cref="Run"/>.</summary>
    /// <param name="start">Valid during the call.</param>
    void Begin(IControllerStart start);

    /// <summary>
    /// An object of Head changed. Called for every change, in order, the controller's own too, as soon as its atom is
    /// taken: for its own atoms that is before <see cref="IControllerTurn.TryAtom"/> returns. So projections always agree
    /// with Head; and so a controller must not write while it enumerates a projection that this call changes. Whatever it throws
    /// is told to the operator, and the object left out.
    /// </summary>
    /// <param name="change">The change.</param>
    /// <param name="head">Head after the whole atom. Valid during the call.</param>
    void Observe(in StoreChange change, IStoreReader head);

    /// <summary>
    /// Does what there is to do now. Called at most once per turn, in the first turn of a reign, after changes, when a
    /// timer is due, and when the last call returned true. With nothing left to do it must stop writing.
    /// </summary>
    /// <param name="turn">Valid during the call.</param>
    /// <returns>True if work is left (<see cref="IControllerTurn.TryAtom"/> gave false): run again in the next turn.</returns>
    bool Run(IControllerTurn turn);
}
