// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Swarm.Api;

namespace Swarm.Runtime.Process;

/// <summary>
/// Puts secrets and configs of tasks into files that only the task's user can read, in memory where the system has a place for that.
/// </summary>
internal sealed class DependencyFiles(ProcessExecutorOptions options)
{
    private const UnixFileMode ReadOnlyDirectory = UnixFileMode.UserRead | UnixFileMode.UserExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly Lock _lock = new();
    private readonly string? _base = options.SecretsDirectory;
    private readonly string? _memory = options.SecretsDirectory is null ? FindMemoryFileSystem(options.StateDirectory) : null;

    /// <summary>The directory for one task.</summary>
    public string DirectoryOf(TaskDirectory directory) =>
        (_base ?? _memory) is { } path ? Path.Combine(path, Path.GetFileName(directory.Root)) : directory.Dependencies;

    public static string Secrets(string directory) => Path.Combine(directory, "secrets");

    public static string Configs(string directory) => Path.Combine(directory, "configs");

    /// <summary>Writes the files, anew.</summary>
    /// <exception cref="TaskControllerException">Something the task refers to is not on this node, or has a name that is no file
    /// name.</exception>
    public void Write(string directory, Api.Task task, ITaskDependencies dependencies, UserAccount? user)
    {
        (string Name, ByteString Data)[] secrets =
            [.. TaskReferences.Secrets(task, dependencies).Select(static s => (s.Spec.Annotations?.Name ?? "", s.Spec.Data))];
        (string Name, ByteString Data)[] configs =
            [.. TaskReferences.Configs(task, dependencies).Select(static c => (c.Spec.Annotations?.Name ?? "", c.Spec.Data))];
        Delete(directory);
        lock (_lock)
        {
            if (_memory is not null && !TryClaim(_memory))
            {
                throw new IOException($"{_memory} is not this agent's own any more");
            }

            if (_base is not null)
            {
                TaskDirectory.CreatePassThrough(_base);
            }

            TaskDirectory.CreatePassThrough(directory);
        }

        WriteAll(Secrets(directory), secrets, user);
        WriteAll(Configs(directory), configs, user);
    }

    public void Delete(string directory)
    {
        foreach (string path in new[] { Secrets(directory), Configs(directory) }.Where(Directory.Exists))
        {
            File.SetUnixFileMode(path, ReadOnlyDirectory | UnixFileMode.UserWrite);
        }

        TaskDirectory.DeleteTree(directory);
        lock (_lock)
        {
            if (_memory is not null && Directory.Exists(_memory) && !Directory.EnumerateFileSystemEntries(_memory).Any())
            {
                Directory.Delete(_memory);
            }
        }
    }

    /// <summary>Removes the files of tasks that are not known, where their place belongs to this executor alone.</summary>
    public void Sweep(IReadOnlySet<string> knownTaskIds)
    {
        if (_memory is null || !Directory.Exists(_memory))
        {
            return;
        }

        foreach (string directory in Directory.GetDirectories(_memory).Where(path => !knownTaskIds.Contains(Path.GetFileName(path))))
        {
            Delete(directory);
        }
    }

    private static void WriteAll(string directory, (string Name, ByteString Data)[] files, UserAccount? user)
    {
        Directory.CreateDirectory(directory, ReadOnlyDirectory | UnixFileMode.UserWrite);
        foreach ((string name, ByteString data) in files)
        {
            if (name.Length == 0 || name is "." or ".." || name.AsSpan().ContainsAny('/', '\0'))
            {
                throw new TaskControllerException($"a secret or config cannot be put into a file named '{name}'");
            }

            string path = Path.Combine(directory, name);
            using (var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead,
            }))
            {
                file.Write(data.Span);
            }

            TaskDirectory.Give(path, user);
        }

        TaskDirectory.Give(directory, user);
        File.SetUnixFileMode(directory, ReadOnlyDirectory);
    }

    // Each state directory has a place of its own, so that several agents of one machine do not meet.
    private static string? FindMemoryFileSystem(string stateDirectory)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(stateDirectory))))[..16];
        return new[] { "/run", "/dev/shm" }
            .Where(static root => LibC.FileSystemType(root) == LibC.TmpfsMagic)
            .Select(root => Path.Combine(root, $"swarm-{LibC.geteuid()}-{digest}"))
            .FirstOrDefault(static path => TryClaim(path) && LetGo(path));
    }

    // In a directory that everybody can write, somebody else may have been there first:
    // only what is ours, and ours alone to write, is used.
    private static bool TryClaim(string path)
    {
        const uint passThrough = 0x1c9; // rwx--x--x
        _ = LibC.mkdir(path, passThrough);
        var info = new DirectoryInfo(path);
        return info.Exists && info.LinkTarget is null && (info.UnixFileMode & OthersWrite) == 0
            && LibC.OwnerOf(path, follow: false)?.User == LibC.geteuid();
    }

    // Made again when it is needed, so that an agent without secrets leaves nothing lying about.
    private static bool LetGo(string path)
    {
        if (!Directory.EnumerateFileSystemEntries(path).Any())
        {
            Directory.Delete(path);
        }

        return true;
    }
}
