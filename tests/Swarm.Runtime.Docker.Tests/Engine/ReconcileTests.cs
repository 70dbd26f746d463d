// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Text.Json;
using Swarm.Api;

namespace Swarm.Runtime.Docker.Tests.Engine;

public sealed class ReconcileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("swarm-").FullName;
    private readonly ConcurrentDictionary<string, int?> _containers = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reconcile_ContainersNobodyWants_GetTheGraceOfTheirTask()
    {
        _containers["own"] = 33;
        _containers["none"] = null;
        await using var fake = new FakeEngine(AnswerAsync);
        DockerExecutorOptions options = fake.Options();
        options.StopGracePeriod = TimeSpan.FromSeconds(3);
        await using var executor = new DockerExecutor(options);

        await executor.ReconcileAsync([], Cancel);

        Assert.Equal("t=33", Assert.Single(fake.Calls, static call => call.Path == "/containers/own/stop").Query);
        Assert.Equal("t=3", Assert.Single(fake.Calls, static call => call.Path == "/containers/none/stop").Query);
        Assert.Empty(_containers);
    }

    [Fact]
    public async Task Reconcile_WhileTheEngineIsAway_IsMadeUpForWhenItIsBack()
    {
        _containers["old"] = null;
        _containers["known"] = null;
        await using var fake = new FakeEngine(AnswerAsync);
        await fake.CloseAsync();
        await using var executor = new DockerExecutor(fake.Options());

        await executor.ReconcileAsync(["known"], Cancel);
        await executor.ConfigureAsync(new Node { Id = "node" }, Cancel);
        Assert.Equal(2, _containers.Count);
        fake.Open();
        await Gone("old").WaitAsync(TimeSpan.FromMinutes(1), Cancel);

        Assert.Equal(["known"], _containers.Keys);
    }

    [Fact]
    public async Task Reconcile_FilesOfOldTasks_GoAndNothingElse()
    {
        string own = Path.Combine(_directory, "node"), other = Path.Combine(_directory, "node2");
        foreach (string path in new[] { Path.Combine(own, "old"), Path.Combine(own, "known"), Path.Combine(other, "old"), Path.Combine(own, "not.ours") })
        {
            Directory.CreateDirectory(path);
            await File.WriteAllTextAsync(Path.Combine(path, "0"), "secret", Cancel);
        }

        await using var fake = new FakeEngine(AnswerAsync);
        DockerExecutorOptions options = fake.Options();
        options.SecretsDirectory = _directory;
        await using var executor = new DockerExecutor(options);
        await executor.ReconcileAsync(["known"], Cancel);

        Assert.Equal([Path.Combine(own, "known"), Path.Combine(own, "not.ours")], Directory.GetDirectories(own).Order());
        Assert.True(File.Exists(Path.Combine(other, "old", "0")));
    }

    [Fact]
    public async Task Reconcile_FilesOfATaskThatIsBeingRun_Stay()
    {
        string file = Path.Combine(_directory, "node", "task1", "0");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, "secret", Cancel);
        await using var fake = new FakeEngine(AnswerAsync);
        DockerExecutorOptions options = fake.Options();
        options.SecretsDirectory = _directory;
        await using var executor = new DockerExecutor(options);
        await using ITaskController controller = OneContainer.ControllerOf(executor, OneContainer.Task());

        await executor.ReconcileAsync([], Cancel);

        Assert.True(File.Exists(file));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    // Waits for the call that removes it, then for the removal.
    private Task Gone(string id)
    {
        lock (_removed)
        {
            return _removed.TryGetValue(id, out TaskCompletionSource? done) ? done.Task : (_removed[id] = New()).Task;
        }
    }

    private readonly Dictionary<string, TaskCompletionSource> _removed = [];

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task AnswerAsync(FakeCall call)
    {
        string[] path = call.Path.Split('/');
        switch (call.Method, path[^1])
        {
            case ("GET", "events"):
                await call.BeginAsync();
                await call.HangAsync();
                break;
            case ("GET", "json") when path.Length == 3:
                await call.JsonAsync(JsonSerializer.Serialize(_containers.Keys.Select(static id => new { Id = id, Labels = OneContainer.Labels(id) })));
                break;
            case ("GET", "json"):
                await call.JsonAsync(OneContainer.Inspection(OneContainer.Running, stopTimeout: _containers[path[2]], id: path[2], taskId: path[2]));
                break;
            case ("DELETE", var id):
                _containers.TryRemove(id, out _);
                await call.NoContentAsync();
                lock (_removed)
                {
                    (_removed.TryGetValue(id, out TaskCompletionSource? done) ? done : _removed[id] = New()).TrySetResult();
                }

                break;
            default:
                await call.NoContentAsync();
                break;
        }
    }
}
