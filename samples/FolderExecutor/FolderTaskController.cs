// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Runtime;

namespace FolderExecutor;

/// <summary>
/// Drives one task. Where its folder stands (copying, ready, live, ended) says how far it is; that is all the state there is, and it changes
/// by renaming: an agent may die at any moment, and the next one goes on from there.
/// </summary>
internal sealed class FolderTaskController(string root, Swarm.Api.Task task) : TaskControllerBase(task)
{
    private bool WasStarted => Directory.Exists(Folder("live")) || Directory.Exists(Folder("ended"));

    protected override Task OnPrepareAsync(CancellationToken stop)
    {
        if (WasStarted || Directory.Exists(Folder("ready")))
        {
            throw new TaskControllerException(TaskControllerErrorKind.AlreadyPrepared, "the folder has been copied");
        }

        // The message of a failure is what people see of the task; it is rejected, as nothing has been started yet.
        string source = Definition.Spec.Generic.Payload.Unpack<StringValue>().Value;
        if (!Directory.Exists(source))
        {
            throw new TaskControllerException($"there is no folder '{source}' on this node");
        }

        Delete("copying");
        Directory.CreateDirectory(Folder("copying"));
        foreach (string file in Directory.GetFiles(source))
        {
            stop.ThrowIfCancellationRequested();
            File.Copy(file, Path.Combine(Folder("copying"), Path.GetFileName(file)));
        }

        return MoveAsync("copying", "ready");
    }

    protected override Task OnStartAsync(CancellationToken stop) => WasStarted
        ? throw new TaskControllerException(TaskControllerErrorKind.AlreadyStarted, "the folder has been put up")
        : MoveAsync("ready", "live");

    protected override async Task OnWaitAsync(CancellationToken stop)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(Folder("live"))!, Definition.Id) { EnableRaisingEvents = true };
        watcher.Deleted += (_, _) => gone.TrySetResult();
        watcher.Renamed += (_, _) => gone.TrySetResult();
        if (Directory.Exists(Folder("live")))
        {
            await gone.Task.WaitAsync(stop);
        }

        if (!Directory.Exists(Folder("ended")))
        {
            throw new TaskExitException(1, "task: somebody has taken its folder away");
        }
    }

    protected override Task OnShutdownAsync(CancellationToken stop) =>
        Directory.Exists(Folder("live")) ? MoveAsync("live", "ended") : Task.CompletedTask;

    protected override Task OnRemoveAsync(CancellationToken stop)
    {
        Delete("copying", "ready", "live", "ended");
        return Task.CompletedTask;
    }

    private string Folder(string stage) => Path.Combine(Directory.CreateDirectory(Path.Combine(root, stage)).FullName, Definition.Id);

    private Task MoveAsync(string from, string to)
    {
        Directory.Move(Folder(from), Folder(to));
        return Task.CompletedTask;
    }

    private void Delete(params string[] stages)
    {
        foreach (string folder in stages.Select(Folder).Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
