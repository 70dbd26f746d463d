// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Runtime;

/// <summary>
/// What most executors have in common: they take the generic tasks of one kind, describe nothing but their plugin, and need to know nothing
/// of their node. Thread-safe.
/// </summary>
public abstract class ExecutorBase : IExecutor
{
    /// <summary>Makes an executor.</summary>
    /// <param name="runtimeName">Its name, and the kind of the tasks it takes: lower case, not empty.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    protected ExecutorBase(string runtimeName)
    {
        ArgumentException.ThrowIfNullOrEmpty(runtimeName);
        RuntimeName = runtimeName;
    }

    /// <inheritdoc/>
    public string RuntimeName { get; }

    /// <inheritdoc/>
    public virtual Task<NodeDescription> DescribeAsync(CancellationToken cancellationToken = default) => Task.FromResult(
        new NodeDescription { Engine = new EngineDescription { Plugins = { RuntimePlugins.Describe(RuntimeName) } } });

    /// <inheritdoc/>
    public virtual Task ConfigureAsync(Node node, CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public bool CanRun(Api.Task task) => RuntimePlugins.NameOf(task) == RuntimeName;

    /// <inheritdoc/>
    public ITaskController CreateController(Api.Task task, ITaskDependencies dependencies)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(dependencies);
        return CanRun(task) ? NewController(task, dependencies) : throw new SwarmException(
            SwarmErrorCode.InvalidArgument, $"task {task.Id} needs runtime '{RuntimePlugins.NameOf(task)}', not '{RuntimeName}'");
    }

    /// <inheritdoc/>
    public virtual Task SetNetworkBootstrapKeysAsync(IReadOnlyList<EncryptionKey> keys, CancellationToken cancellationToken = default) =>
        Task.CompletedTask;

    /// <inheritdoc/>
    public abstract Task ReconcileAsync(IReadOnlyCollection<string> knownTaskIds, CancellationToken cancellationToken = default);

    /// <summary>Makes the controller of one task, without touching the world; see <see cref="IExecutor.CreateController"/>.</summary>
    /// <param name="task">A task of this executor's kind; frozen.</param>
    /// <param name="dependencies">The secrets and configs assigned to this node.</param>
    /// <returns>A controller that the caller disposes.</returns>
    protected abstract ITaskController NewController(Api.Task task, ITaskDependencies dependencies);
}
