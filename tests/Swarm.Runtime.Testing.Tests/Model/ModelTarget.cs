// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime.Testing.Tests;

/// <summary>An executor that only pretends, over a world in memory; it can do everything, and have one fault.</summary>
internal sealed class ModelTarget(Fault fault) : IExecutorConformanceTarget
{
    private readonly SortedDictionary<string, ModelItem> _world = new(StringComparer.Ordinal);
    private int _epoch;

    public ConformanceFeatures Features => ConformanceFeatures.All;

    public TimeSpan Patience => TimeSpan.FromSeconds(fault == Fault.None ? 30 : 1);

    public ValueTask<IExecutor> CreateExecutorAsync(CancellationToken cancellationToken) =>
        new(new ModelExecutor(_world, fault, ++_epoch));

    public ValueTask LetGoAsync(IExecutor executor, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public TaskSpec BuildSpec(string taskId, ConformanceWork work)
    {
        _world[taskId] = new ModelItem(work);
        return new TaskSpec { Generic = new GenericRuntimeSpec { Kind = "model" } };
    }

    public ValueTask<WorkObservation> ObserveAsync(Api.Task task, CancellationToken cancellationToken)
    {
        ModelItem item = _world[task.Id];
        return new(new WorkObservation(item.Running, item.Starts, item.Prepared && !item.Removed));
    }
}
