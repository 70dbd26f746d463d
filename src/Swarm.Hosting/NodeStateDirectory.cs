// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Hosting;

/// <summary>
/// The directory of a node: <c>certificates/</c>, <c>managers</c> (addresses, a line each), <c>tasks.db</c> (the agent's), and what
/// executors keep. It is locked while this object lives, so that no two nodes share one. Not thread-safe.
/// A directory that this object made, and in which nothing was ever kept, is taken away again: a start that was refused leaves no trace.
/// </summary>
public sealed class NodeStateDirectory : INodeIdentityStore, IDisposable
{
    // Others see nothing of it, but may pass through: tasks that run as another user have their directories in here.
    private const UnixFileMode PassThrough = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const int ManagersMax = SwarmNodeOptions.ManagersMax;
    private const string LockName = "lock";
    private readonly FileStream _lock;
    private readonly bool _made;
    private readonly CertificateDirectory _certificates;

    /// <summary>Opens a state directory, making it if missing.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="issuer">Reads the certificates kept.</param>
    /// <exception cref="SwarmException">FailedPrecondition: it cannot be made or written, or another node uses it.</exception>
    public NodeStateDirectory(string path, ICertificateIssuer issuer)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = System.IO.Path.GetFullPath(path);
        _made = !Directory.Exists(Path);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(Path);
            }
            else
            {
                Directory.CreateDirectory(Path, PassThrough);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SwarmException(
                SwarmErrorCode.FailedPrecondition,
                $"the state directory {Path} cannot be made: {e.Message.TrimEnd('.')}; choose another (swarmd --state-dir DIR) or give this user the right",
                e);
        }

        _lock = Lock(Path);
        _certificates = new CertificateDirectory(File("certificates"), issuer);
    }

    /// <summary>The directory, as a full path.</summary>
    public string Path { get; }

    private string MarkFile => System.IO.Path.TrimEndingDirectorySeparator(Path) + ".cluster";

    /// <summary>A path inside the directory.</summary>
    /// <param name="name">The name inside.</param>
    /// <returns>The full path.</returns>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public NodeCredentials? Load(JoinToken? expected) => _certificates.Load(expected);

    /// <inheritdoc/>
    public void Save(NodeCredentials credentials) => _certificates.Save(credentials);

    /// <inheritdoc/>
    public CertificateKeyPair? LoadRoot() => _certificates.LoadRoot();

    /// <inheritdoc/>
    public void SaveRoot(CertificateKeyPair root) => _certificates.SaveRoot(root);

    /// <inheritdoc/>
    public IReadOnlyList<string> LoadManagers()
    {
        string file = File("managers");
        return Guard<IReadOnlyList<string>>(file, () => System.IO.File.Exists(file)
            ? [.. System.IO.File.ReadLines(file).Select(l => l.Trim()).Where(l => l.Length > 0).Take(ManagersMax)]
            : []);
    }

    /// <inheritdoc/>
    public void SaveManagers(IReadOnlyList<string> addresses)
    {
        string file = File("managers");
        string aside = file + ".new";
        Guard(file, () =>
        {
            System.IO.File.WriteAllLines(aside, addresses.Take(ManagersMax));
            System.IO.File.Move(aside, file, overwrite: true);
            return true;
        });
    }

    /// <inheritdoc/>
    /// <remarks>It is a file beside the directory, <c>DIRECTORY.cluster</c>, so that a directory that was emptied or lost is noticed.</remarks>
    public ClusterMark? LoadClusterMark() => Guard(MarkFile, () =>
        System.IO.File.Exists(MarkFile) && System.IO.File.ReadAllText(MarkFile).Trim() is { Length: > 0 } id ? new ClusterMark(id, MarkFile) : null);

    /// <inheritdoc/>
    public void SaveClusterMark(string clusterId)
    {
        if (LoadClusterMark()?.ClusterId != clusterId)
        {
            Guard(MarkFile, () =>
            {
                System.IO.File.WriteAllText(MarkFile + ".new", clusterId + "\n");
                System.IO.File.Move(MarkFile + ".new", MarkFile, overwrite: true);
                return true;
            });
        }
    }

    /// <summary>Gives the directory free, and removes it when this object made it and only locks and empty directories are in it.</summary>
    public void Dispose()
    {
        if (_made && _lock.CanRead)
        {
            RemoveUnused();
        }

        _lock.Dispose();
    }

    // While the lock is held, so that nobody begins to use it meanwhile.
    private void RemoveUnused()
    {
        try
        {
            if (Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).All(f => System.IO.Path.GetFileName(f) == LockName))
            {
                Directory.Delete(Path, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing but empty directories is left behind.
        }
    }

    private static T Guard<T>(string file, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SwarmException(SwarmErrorCode.FailedPrecondition, $"{file} cannot be read or written: {e.Message.TrimEnd('.')}", e);
        }
    }

    // What a lock held by another gives: EWOULDBLOCK of flock(2) on Linux and on macOS, ERROR_SHARING_VIOLATION on Windows.
    private static bool IsHeld(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static FileStream Lock(string path)
    {
        string file = System.IO.Path.Combine(path, LockName);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
            {
                // Who may open it could hold the lock and keep the node from starting.
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            return new FileStream(file, options);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new SwarmException(SwarmErrorCode.FailedPrecondition, 
                $"the state directory {path} is not writable for this user: choose another (swarmd --state-dir DIR) or give this user the right", e);
        }
        catch (IOException e) when (!IsHeld(e))
        {
            throw new SwarmException(
                SwarmErrorCode.FailedPrecondition, $"the state directory {path} cannot be used: {e.Message.TrimEnd('.')}", e);
        }
        catch (IOException e)
        {
            throw new SwarmException(
                SwarmErrorCode.FailedPrecondition,
                $"the state directory {path} is in use by another node: stop that one, or choose another directory (swarmd --state-dir DIR)",
                e);
        }
    }
}
