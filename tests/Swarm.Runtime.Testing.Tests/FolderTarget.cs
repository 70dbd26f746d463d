// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime.Testing.Tests;

/// <summary>The sample executor that copies folders.</summary>
internal sealed class FolderTarget : IExecutorConformanceTarget, IDisposable
{
    private readonly TemporaryPlace _place = new();

    public ConformanceFeatures Features => ConformanceFeatures.Adoption;

    public ValueTask<IExecutor> CreateExecutorAsync(CancellationToken cancellationToken) =>
        new(new FolderExecutor.FolderExecutor(_place.Make("root")));

    public ValueTask LetGoAsync(IExecutor executor, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public TaskSpec BuildSpec(string taskId, ConformanceWork work)
    {
        string source = _place.Make("source");
        File.WriteAllText(Path.Combine(source, "index.html"), "hello");
        return new TaskSpec { Generic = FolderExecutor.FolderExecutor.Pack(work.CannotBePrepared ? "/there/is/no/such/folder" : source) };
    }

    public ValueTask<WorkObservation> ObserveAsync(Api.Task task, CancellationToken cancellationToken)
    {
        string root = _place.Make("root");
        bool runs = File.Exists(Path.Combine(root, "live", task.Id, "index.html"));
        bool left = Directory.EnumerateDirectories(root, task.Id, SearchOption.AllDirectories).Any();
        return new(new WorkObservation(runs ? 1 : 0, null, left));
    }

    public void Dispose() => _place.Dispose();
}
