// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Runtime.Testing.Tests;

/// <summary>The executor of the model world.</summary>
internal sealed class ModelExecutor(SortedDictionary<string, ModelItem> world, Fault fault, int epoch) : IExecutor
{
    private readonly NodeDescription _shared = Describe();

    public string RuntimeName => "model";

    public int Epoch => epoch;

    public IEnumerable<ModelItem> Items => world.Values;

    public bool Has(Fault one) => fault == one;

    public Task<NodeDescription> DescribeAsync(CancellationToken cancellationToken = default)
    {
        NodeDescription description = Has(Fault.SharesItsDescription) ? _shared : Describe();
        if (Has(Fault.LeavesItselfOutOfTheDescription))
        {
            description.Engine = null;
        }

        description.Resources = Has(Fault.HidesResources) ? null : description.Resources;
        return Task.FromResult(description);
    }

    public Task ConfigureAsync(Node node, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public bool CanRun(Api.Task task) => Has(Fault.TakesForeignTasks) || RuntimePlugins.NameOf(task) == RuntimeName;

    public ITaskController CreateController(Api.Task task, ITaskDependencies dependencies)
    {
        if (!CanRun(task))
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument, "not mine");
        }

        ModelItem item = world[task.Id];
        item.Prepared |= Has(Fault.PreparesWhenMade);
        return new ModelController(this, item, dependencies);
    }

    public Task SetNetworkBootstrapKeysAsync(IReadOnlyList<EncryptionKey> keys, CancellationToken cancellationToken = default) =>
        Task.CompletedTask;

    public Task ReconcileAsync(IReadOnlyCollection<string> knownTaskIds, CancellationToken cancellationToken = default)
    {
        foreach ((string id, ModelItem item) in world)
        {
            if (Has(Fault.ReconcileEndsEverything) || (!knownTaskIds.Contains(id) && !Has(Fault.ReconcileEndsNothing)))
            {
                item.End(137);
                item.Removed = true;
            }
        }

        return Task.CompletedTask;
    }

    private static NodeDescription Describe() => new()
    {
        Resources = new Resources { NanoCpus = 1, MemoryBytes = 1 },
        Engine = new EngineDescription { Plugins = { RuntimePlugins.Describe("model") } },
    };
}
