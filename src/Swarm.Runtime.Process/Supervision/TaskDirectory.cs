// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Process;

/// <summary>Paths of one task in the executor's state directory.</summary>
internal sealed class TaskDirectory(string tasksDirectory, string taskId)
{
    // Owned by the agent; other users only pass through on their way to "work" and "run".
    private const UnixFileMode PassThrough = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const string WorkName = "work";
    private const string LogsName = "log";
    private const string StdoutName = "stdout.raw";
    private const string StderrName = "stderr.raw";

    public string Root { get; } = Path.Combine(tasksDirectory, taskId);

    public string Record => Path.Combine(Root, "task.json");

    /// <summary>See <see cref="SupervisorReport"/>.</summary>
    public string Report => Path.Combine(Root, "report");

    public string Logs => Path.Combine(Root, LogsName);

    public string RawStdout => Path.Combine(Logs, StdoutName);

    public string RawStderr => Path.Combine(Logs, StderrName);

    /// <summary>The task's own working directory.</summary>
    public string Work => Path.Combine(Root, WorkName);

    /// <summary>Where the task writes what it tells the executor.</summary>
    public string Run => Path.Combine(Root, "run");

    public string Ports => Path.Combine(Run, "ports");

    /// <summary>Secrets and configs, where no memory file system is used.</summary>
    public string Dependencies => Path.Combine(Root, "dependencies");

    /// <summary>The working directory of the task whose raw output a file is; null for any other file.</summary>
    public static string? WorkByOutput(string path)
    {
        // The kernel says so of a file that has been removed.
        const string gone = " (deleted)";
        path = path.EndsWith(gone, StringComparison.Ordinal) ? path[..^gone.Length] : path;
        string? logs = Path.GetFileName(path) is StdoutName or StderrName ? Path.GetDirectoryName(path) : null;
        return Path.GetFileName(logs) == LogsName && Path.GetDirectoryName(logs) is { } root ? Path.Combine(root, WorkName) : null;
    }

    public void Create(UserAccount? user)
    {
        CreatePassThrough(Root);
        Directory.CreateDirectory(Logs, Private);
        foreach (string own in new[] { Work, Run })
        {
            Directory.CreateDirectory(own, Private);
            Give(own, user);
        }
    }

    /// <summary>Removes the directory and everything in it.</summary>
    public void Delete()
    {
        // Taken back first, so that nobody moves things about in there while they are deleted.
        foreach (string own in new[] { Work, Run }.Where(Directory.Exists))
        {
            if (LibC.IsRoot)
            {
                _ = LibC.lchown(own, 0, 0);
            }

            File.SetUnixFileMode(own, Private);
        }

        DeleteTree(Root);
    }

    public static void CreatePassThrough(string path) => Directory.CreateDirectory(path, PassThrough);

    public static void Give(string path, UserAccount? user)
    {
        if (user is not null && LibC.lchown(path, user.Uid, user.Gid) != 0)
        {
            throw LibC.Failure($"cannot give {path} to user {user.Name}");
        }
    }

    public static void DeleteTree(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone already.
        }
    }
}
