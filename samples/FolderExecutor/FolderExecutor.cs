// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Runtime;

namespace FolderExecutor;

/// <summary>Runs tasks of kind <c>folder</c>: while one runs, a copy of the folder that its payload names stands in <c>ROOT/live/TASK</c>.</summary>
public sealed class FolderExecutor(string root) : ExecutorBase("folder")
{
    public static GenericRuntimeSpec Pack(string folder) =>
        new() { Kind = "folder", Payload = Any.Pack(new StringValue { Value = folder }) };

    protected override ITaskController NewController(Swarm.Api.Task task, ITaskDependencies dependencies) =>
        new FolderTaskController(root, task);

    // The agent has started: what is here of tasks that it does not know is nobody's.
    public override Task ReconcileAsync(IReadOnlyCollection<string> knownTaskIds, CancellationToken cancellationToken = default)
    {
        Directory.CreateDirectory(root);
        foreach (string folder in Directory.GetDirectories(root).SelectMany(Directory.GetDirectories))
        {
            if (!knownTaskIds.Contains(Path.GetFileName(folder)))
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return Task.CompletedTask;
    }
}
