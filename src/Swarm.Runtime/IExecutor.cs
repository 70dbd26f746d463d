// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime;

/// <summary>
/// What a node runs tasks with: one kind of runtime. A node may have several executors; each task goes to the first that can run it.
/// </summary>
/// <remarks>
/// Implementations are safe to call from any thread. No method blocks its caller; what takes time is awaited, and continues where the
/// caller awaits it (an agent's mailbox, a simulator's loop).
/// </remarks>
public interface IExecutor
{
    /// <summary>
    /// The runtime's name, such as <c>process</c>, <c>inproc</c> or <c>docker</c>: lower case, unique on a node. A node lists it as a
    /// plugin of type <see cref="RuntimePlugins.PluginType"/>; generic tasks name it as their kind.
    /// </summary>
    string RuntimeName { get; }

    /// <summary>
    /// Describes what this executor brings to the node: its plugin, and what it knows of platform and resources. Fields it knows nothing of
    /// are left unset; the agent merges the descriptions of all executors with <see cref="NodeDescriptions.Merge"/>.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A description the caller owns.</returns>
    Task<NodeDescription> DescribeAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Tells the executor what the cluster knows about its node. Called at the start of each session and whenever the node changes.
    /// </summary>
    /// <param name="node">The node as managers see it; frozen.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when the executor has taken the change over.</returns>
    Task ConfigureAsync(Node node, CancellationToken cancellationToken = default);

    /// <summary>
    /// Whether this executor is the one for the runtime the task asks for. Says nothing about whether the task is well formed.
    /// </summary>
    /// <param name="task">The task; frozen.</param>
    /// <returns>True when <see cref="CreateController"/> accepts the task.</returns>
    bool CanRun(Api.Task task);

    /// <summary>
    /// Makes the controller of one task, without touching the world. If work of this task is still running from before (the agent was
    /// killed), the controller's first call finds it and takes it over; it is never started twice.
    /// </summary>
    /// <param name="task">The task; frozen.</param>
    /// <param name="dependencies">The secrets and configs assigned to this node.</param>
    /// <returns>A controller that the caller disposes.</returns>
    /// <exception cref="Swarm.Core.SwarmException">InvalidArgument: <see cref="CanRun"/> is false for the task.</exception>
    ITaskController CreateController(Api.Task task, ITaskDependencies dependencies);

    /// <summary>Hands over the keys that encrypt traffic of the node's networks. Executors without networks ignore them.</summary>
    /// <param name="keys">All keys now valid, newest first; never logged.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when the keys are in use.</returns>
    Task SetNetworkBootstrapKeysAsync(IReadOnlyList<EncryptionKey> keys, CancellationToken cancellationToken = default);

    /// <summary>
    /// Ends and removes what is left of tasks the node no longer has. Called once by an agent after it has read its own state and before it
    /// makes the first controller.
    /// </summary>
    /// <param name="knownTaskIds">Ids of all tasks the agent still knows; what belongs to these is kept.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when nothing of other tasks runs any more.</returns>
    Task ReconcileAsync(IReadOnlyCollection<string> knownTaskIds, CancellationToken cancellationToken = default);
}
