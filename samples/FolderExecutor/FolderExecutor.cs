// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;
using Swarm.Runtime;

namespace FolderExecutor;

/// <summary>
/// Runs tasks of kind <c>folder</c>: while a task runs, a copy of the folder its payload names (a StringValue) stands in <c>live/</c>.
/// The folders are all the state there is, and they change by renaming, so that an agent may die at any moment.
/// </summary>
public sealed class FolderExecutor(string root) : IExecutor
{
    public string RuntimeName => "folder";

    public static GenericRuntimeSpec Pack(string folder) =>
        new() { Kind = "folder", Payload = Any.Pack(new StringValue { Value = folder }) };

    public Task<NodeDescription> DescribeAsync(CancellationToken cancellationToken = default) => Task.FromResult(
        new NodeDescription { Engine = new EngineDescription { Plugins = { RuntimePlugins.Describe(RuntimeName) } } });

    public bool CanRun(Swarm.Api.Task task) => RuntimePlugins.NameOf(task) == RuntimeName;

    public ITaskController CreateController(Swarm.Api.Task task, ITaskDependencies dependencies) => CanRun(task)
        ? new FolderTaskController(root, task)
        : throw new SwarmException(SwarmErrorCode.InvalidArgument, $"task {task.Id} is not for runtime '{RuntimeName}'");

    public Task ConfigureAsync(Node node, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task SetNetworkBootstrapKeysAsync(IReadOnlyList<EncryptionKey> keys, CancellationToken cancellationToken = default) =>
        Task.CompletedTask;

    public Task ReconcileAsync(IReadOnlyCollection<string> knownTaskIds, CancellationToken cancellationToken = default)
    {
        foreach (string folder in new TaskFolders(root, "").All.SelectMany(Directory.GetDirectories))
        {
            if (!knownTaskIds.Contains(Path.GetFileName(folder)))
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return Task.CompletedTask;
    }
}
