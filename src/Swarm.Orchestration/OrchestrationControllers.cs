// SPDX-License-Identifier: Apache-2.0
using Swarm.Store;

namespace Swarm.Orchestration;

/// <summary>The controllers of a manager.</summary>
public static class OrchestrationControllers
{
    /// <summary>
    /// All controllers in the order in which the writer runs them: orchestrate, allocate, schedule, reap; at last what
    /// nobody needs goes off the blacklist. A service becomes tasks
    /// with nodes in one turn.
    /// </summary>
    /// <param name="options">Limits of waiting; the defaults when left out. Read now; later changes have no effect.</param>
    /// <returns>One maker for each controller, to be called anew for each reign.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static IReadOnlyList<Func<IController>> Default(OrchestrationOptions? options = null)
    {
        options = options?.Copy() ?? new OrchestrationOptions();
        options.Validate();
        return
        [
            () => new ServiceRemoval(),
            () => new NodeRemoval(),
            () => new ReplicatedOrchestrator(options),
            () => new GlobalOrchestrator(options),
            () => new TaskAllocator(),
            () => new SchedulingController(options),
            () => new TaskReaper(options),
            () => new BlacklistPruning(),
        ];
    }
}
