// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime.Testing;

/// <summary>
/// An executor under test: how to make it, how to say what work is to do, and how to see that work from outside. One place (a directory, a
/// daemon) stands behind a target; all executors it makes work over that place, one at a time. Members are called one at a time.
/// </summary>
public interface IExecutorConformanceTarget
{
    /// <summary>What the executor can do; it must not change.</summary>
    ConformanceFeatures Features { get; }

    /// <summary>The clock that limits are taken from: the system's unless overridden.</summary>
    TimeProvider Time => TimeProvider.System;

    /// <summary>
    /// How long a call may take before it counts as hanging: 30 s unless overridden. Passing runs never wait that long; 1 s or more.
    /// </summary>
    TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>
    /// Id of the node that the tasks are on; it must not change. <c>conformance-node</c> unless overridden: targets that run side by side
    /// over one daemon need a node each, as nodes of a cluster would.
    /// </summary>
    string NodeId => "conformance-node";

    /// <summary>Makes an executor over the target's place, as an agent that starts would.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>An executor; <see cref="LetGoAsync"/> ends it.</returns>
    ValueTask<IExecutor> CreateExecutorAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Ends an executor the way the death of its agent would: it stops watching and gives its place free. Work goes on where the runtime
    /// has <see cref="ConformanceFeatures.Adoption"/>. Called for a crash (calls may be under way), and at the end of each case.
    /// </summary>
    /// <param name="executor">What <see cref="CreateExecutorAsync"/> has made.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when another executor may be made.</returns>
    ValueTask LetGoAsync(IExecutor executor, CancellationToken cancellationToken);

    /// <summary>Says in the words of the runtime what a task's work is to do.</summary>
    /// <param name="taskId">The task's id, unique over all cases.</param>
    /// <param name="work">What it is to do; never more than <see cref="Features"/> allow.</param>
    /// <returns>
    /// A specification that the kit owns. It has to let <see cref="ObserveAsync"/> see the work, and not before the work is set up for
    /// what it is to do (such as ignoring the request to stop).
    /// </returns>
    TaskSpec BuildSpec(string taskId, ConformanceWork work);

    /// <summary>Looks at a task's work from outside: counts processes, reads a file that work writes, asks a daemon.</summary>
    /// <param name="task">The task.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What there is now.</returns>
    ValueTask<WorkObservation> ObserveAsync(Api.Task task, CancellationToken cancellationToken);
}
