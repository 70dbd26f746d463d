// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Runtime;

namespace FolderExecutor;

/// <summary>Drives one task: prepare copies, start and shutdown rename, remove deletes.</summary>
internal sealed class FolderTaskController(string root, Swarm.Api.Task task) : ITaskController
{
    private readonly TaskFolders _folders = new(root, task.Id);
    private bool _closed;

    private bool Started => Directory.Exists(_folders.Live) || Directory.Exists(_folders.Ended);

    public Task UpdateAsync(Swarm.Api.Task task, CancellationToken cancellationToken = default) => Call(static () => { });

    public Task PrepareAsync(CancellationToken cancellationToken = default) => Call(() =>
    {
        if (Started || Directory.Exists(_folders.Ready))
        {
            throw new TaskControllerException(TaskControllerErrorKind.AlreadyPrepared, $"the folder of task {task.Id} has been copied");
        }

        string source = task.Spec.Generic.Payload.Unpack<StringValue>().Value;
        if (!Directory.Exists(source))
        {
            throw new TaskControllerException($"there is no folder '{source}' on this node");
        }

        Delete(_folders.Copying);
        Directory.CreateDirectory(_folders.Copying);
        foreach (string file in Directory.GetFiles(source))
        {
            cancellationToken.ThrowIfCancellationRequested();
            File.Copy(file, Path.Combine(_folders.Copying, Path.GetFileName(file)));
        }

        Directory.Move(_folders.Copying, _folders.Ready);
    });

    public Task StartAsync(CancellationToken cancellationToken = default) => Call(() =>
    {
        if (Started)
        {
            throw new TaskControllerException(TaskControllerErrorKind.AlreadyStarted, $"the folder of task {task.Id} has been put up");
        }

        Directory.Move(_folders.Ready, _folders.Live);
    });

    public async Task WaitAsync(CancellationToken cancellationToken = default)
    {
        await Call(static () => { });
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(_folders.Live)!, task.Id) { EnableRaisingEvents = true };
        watcher.Deleted += (_, _) => gone.TrySetResult();
        watcher.Renamed += (_, _) => gone.TrySetResult();
        if (Directory.Exists(_folders.Live))
        {
            await gone.Task.WaitAsync(cancellationToken);
        }

        if (!Directory.Exists(_folders.Ended))
        {
            throw new TaskExitException(1, "task: somebody has taken its folder away");
        }
    }

    public Task ShutdownAsync(CancellationToken cancellationToken = default) => Call(() =>
    {
        if (Directory.Exists(_folders.Live))
        {
            Directory.Move(_folders.Live, _folders.Ended);
        }
    });

    public Task TerminateAsync(CancellationToken cancellationToken = default) => ShutdownAsync(cancellationToken);

    public Task RemoveAsync(CancellationToken cancellationToken = default) => Call(() =>
    {
        foreach (string folder in _folders.All)
        {
            Delete(folder);
        }
    });

    public ValueTask DisposeAsync()
    {
        _closed = true;
        return ValueTask.CompletedTask;
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Errors of the disk are the task's: it fails and is replaced.
    private Task Call(Action work)
    {
        try
        {
            if (_closed)
            {
                throw new TaskControllerException(TaskControllerErrorKind.Closed, $"the controller of task {task.Id} is closed");
            }

            work();
            return Task.CompletedTask;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Task.FromException(new TaskControllerException($"task {task.Id}: {e.Message}", e));
        }
        catch (Exception e) when (e is TaskControllerException or OperationCanceledException)
        {
            return Task.FromException(e);
        }
    }
}
