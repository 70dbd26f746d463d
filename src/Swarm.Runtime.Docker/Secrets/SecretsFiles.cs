// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Swarm.Runtime.Docker.Secrets;

/// <summary>
/// Keeps secrets and configs of containers as files of this host, one directory per task below one that only its owner can enter; engines on
/// this host put them into containers one by one. In memory, where the system has a place for that. Safe for several threads that work on
/// different tasks.
/// </summary>
internal static partial class SecretsFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OthersMayWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const uint Unchanged = uint.MaxValue;

    // An empty directory must not go between being claimed and being filled.
    private static readonly Lock Making = new();

    /// <summary>Where the files of a task are.</summary>
    /// <exception cref="TaskControllerException">The id of the task is no name of a directory.</exception>
    public static string DirectoryOf(string root, string taskId) =>
        IsName(taskId) ? Path.Combine(root, taskId) : throw new TaskControllerException($"'{taskId}' is no id");

    /// <summary>A place in memory for a node on this host; null where there is none.</summary>
    /// <param name="nodeKey">What tells the node from others of this host, as its id: letters and digits.</param>
    public static string? FindMemory(string nodeKey) =>
        OperatingSystem.IsLinux()
            ? new[] { "/run", "/dev/shm" }
                .Where(static root => IsMemory(root) && access(root, WriteAndEnter) == 0)
                .Select(root => DirectoryOf(root, $"swarm-docker-{geteuid()}-{nodeKey}"))
                .FirstOrDefault()
            : null;

    /// <summary>Writes the files of a task, anew; does nothing if there are none.</summary>
    /// <exception cref="TaskControllerException">The directory is not this program's own, a file cannot be given to its user, there is no
    /// room, or the like. Nothing of the task is left then.</exception>
    /// <param name="root">The directory of the node.</param>
    /// <param name="taskId">The task.</param>
    /// <param name="files">What to write.</param>
    /// <param name="above">A directory that <paramref name="root"/> is in and that has to be ours too; null for none.</param>
    public static void Write(string root, string taskId, IReadOnlyList<DependencyFile> files, string? above = null)
    {
        if (files.Count == 0)
        {
            return;
        }

        string directory = DirectoryOf(root, taskId);
        bool isOurs = false;
        try
        {
            lock (Making)
            {
                if (above is not null)
                {
                    Claim(above);
                }

                Claim(root);
                isOurs = true;
                Delete(root, taskId);
                Directory.CreateDirectory(directory, OwnerOnly);
            }

            foreach (DependencyFile file in files)
            {
                Write(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TaskControllerException)
        {
            if (isOurs)
            {
                Discard(directory);
            }

            throw e as TaskControllerException ?? new TaskControllerException(
                $"the secrets and configs of task {taskId} cannot be written to {root}: {ReasonOf(e)}", e);
        }
    }

    /// <summary>Removes the files of a task; it does not matter whether there are any.</summary>
    /// <exception cref="TaskControllerException">The system does not let them be removed.</exception>
    public static void Delete(string root, string taskId)
    {
        string directory = DirectoryOf(root, taskId);
        try
        {
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TaskControllerException($"the secrets and configs of task {taskId} cannot be removed from {root}: {ReasonOf(e)}", e);
        }
    }

    /// <summary>Removes the files of all tasks that nobody wants, and the directory itself once it is empty. What is no task's stays.</summary>
    /// <exception cref="TaskControllerException">The system does not let them be removed.</exception>
    public static void Sweep(string root, Func<string, bool> isWanted)
    {
        try
        {
            if (!Directory.Exists(root) || !IsOurs(root))
            {
                return;
            }

            foreach (string directory in Directory.GetDirectories(root))
            {
                if (IsName(Path.GetFileName(directory)) && new DirectoryInfo(directory).LinkTarget is null && !isWanted(Path.GetFileName(directory)))
                {
                    Directory.Delete(directory, recursive: true);
                }
            }

            lock (Making)
            {
                if (!Directory.EnumerateFileSystemEntries(root).Any())
                {
                    Directory.Delete(root);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TaskControllerException($"what is left of old secrets and configs cannot be removed from {root}: {ReasonOf(e)}", e);
        }
    }

    private static void Write(DependencyFile file)
    {
        using (var stream = new FileStream(file.HostPath, new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            stream.Write(file.Data.Span);
        }

        Give(file);
        File.SetUnixFileMode(file.HostPath, file.Mode);
    }

    // The first error is the one to tell.
    private static void Discard(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There is none, or nothing can be done about it.
        }
    }

    private static string ReasonOf(Exception e)
    {
        const int noSpace = 28;
        return e is IOException { HResult: noSpace } ? "there is no room left" : e.Message;
    }

    // In a directory that everybody can write, somebody else may have been there first: only what is ours, and ours alone to write, is used.
    private static void Claim(string root)
    {
        if (!Directory.Exists(root))
        {
            Directory.CreateDirectory(root, OwnerOnly);
        }

        if (!IsOurs(root))
        {
            throw new TaskControllerException($"secrets cannot be kept in {root}: it belongs to somebody else, or others may write there");
        }
    }

    // Giving a directory to oneself succeeds for its owner alone, and for root, whose it then is.
    private static bool IsOurs(string root)
    {
        var info = new DirectoryInfo(root);
        return info.LinkTarget is null && (info.UnixFileMode & OthersMayWrite) == 0 && lchown(root, geteuid(), Unchanged) == 0;
    }

    // Root inside may read all, so that a program that is not root can leave what is root's its own.
    private static void Give(DependencyFile file)
    {
        bool isRoot = geteuid() == 0;
        if ((isRoot || file.User != 0 || file.Group != 0)
            && lchown(file.HostPath, isRoot || file.User != 0 ? file.User : Unchanged, isRoot || file.Group != 0 ? file.Group : Unchanged) != 0)
        {
            throw new TaskControllerException(
                $"the file for {file.Target} cannot be given to user {file.User}, group {file.Group}: the node must run as root for that");
        }
    }

    private static bool IsName(string id) => id.Length > 0 && id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static bool IsMemory(string path)
    {
        try
        {
            return new DriveInfo(path).DriveFormat == "tmpfs";
        }
        catch (IOException)
        {
            return false;
        }
    }

    private const int WriteAndEnter = 3;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int access(string path, int mode);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lchown(string path, uint user, uint group);

    [LibraryImport("libc")]
    private static partial uint geteuid();
}
