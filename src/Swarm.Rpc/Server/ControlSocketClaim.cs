// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using Swarm.Core;

namespace Swarm.Rpc.Server;

/// <summary>
/// The right to make a control socket at a path, held from looking at what is there until the new socket listens. Without it, two
/// managers that start at once could both find the socket of a dead one, and the second remove the first one's fresh socket. It is
/// a lock on a file beside the socket, which goes with the claim.
/// </summary>
internal sealed class ControlSocketClaim : IDisposable
{
    private const string Suffix = ".lock";

    // What a lock held by another gives: EWOULDBLOCK of flock(2) on Linux and on macOS, ERROR_SHARING_VIOLATION on Windows.
    private static readonly int[] Held = [11, 35, unchecked((int)0x80070020)];
    private readonly FileStream _lock;

    private ControlSocketClaim(FileStream held) => _lock = held;

    /// <summary>Takes the claim and removes a socket that a dead process left behind.</summary>
    /// <exception cref="SwarmException">
    /// FailedPrecondition: another claims the path, somebody answers there, what is there is no socket, or this user may not.
    /// </exception>
    public static ControlSocketClaim Take(UnixDomainSocketEndPoint endPoint)
    {
        string path = endPoint.ToString()!;
        ControlSocketClaim? claim = null;
        try
        {
            // First without a trace: what is no socket is refused before anything is made beside it.
            RequireFree(path);
            claim = Lock(path);
            RequireFree(path);
            ClearStale(endPoint, path);
            return claim;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            claim?.Dispose();
            string reason = e is DirectoryNotFoundException ? "its directory does not exist; make it or choose another path"
                : e is UnauthorizedAccessException ? "this user may not; choose another path or ask for the right"
                : e.Message.TrimEnd('.');
            throw Refused(path, $"cannot be made: {reason}", e);
        }
        catch
        {
            claim?.Dispose();
            throw;
        }
    }

    /// <summary>Gives the claim back; the file goes while it is still locked, so that nobody else's is removed.</summary>
    public void Dispose()
    {
        try
        {
            File.Delete(_lock.Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // An unlocked file in the way of nobody.
        }

        _lock.Dispose();
    }

    private static ControlSocketClaim Lock(string path)
    {
        string name = Path.GetFullPath(path + Suffix);
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        while (true)
        {
            if (FileFacts.Of(name).Kind is not (FileKind.None or FileKind.Regular))
            {
                throw Refused(path, $"cannot be made: {name}, which guards it meanwhile, is no file; remove it or choose another path");
            }

            FileStream file;
            try
            {
                file = new FileStream(name, options);
            }
            catch (IOException e) when (Held.Contains(e.HResult))
            {
                throw Refused(path, "is in use: another manager is about to start with it; stop that one or choose another path", e);
            }

            // Between opening and locking, its owner may have removed it: then the lock is worth nothing.
            if (FileFacts.Of(name).Inode == FileFacts.Of(file.SafeFileHandle).Inode)
            {
                return new ControlSocketClaim(file);
            }

            file.Dispose();
        }
    }

    private static void RequireFree(string path)
    {
        string? found = FileFacts.Of(path).Kind switch
        {
            FileKind.None or FileKind.Socket => null,
            FileKind.Directory => "a directory",
            FileKind.Link => "a symbolic link",
            FileKind.Pipe => "a named pipe",
            FileKind.Device => "a device",
            _ => "a file",
        };
        if (found is not null)
        {
            throw Refused(path, $"cannot be made: {found} is in its place; remove it or choose another path");
        }
    }

    private static void ClearStale(UnixDomainSocketEndPoint endPoint, string path)
    {
        if (FileFacts.Of(path).Kind == FileKind.None)
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(endPoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        catch (SocketException e) when (e.SocketErrorCode is not SocketError.WouldBlock)
        {
            throw Refused(path, $"cannot be taken over: {e.Message}", e);
        }
        catch (SocketException)
        {
            // Its queue of connections is full: somebody is there, however slow.
        }

        throw Refused(path, "is in use: another manager runs with it; stop that one or choose another path");
    }

    private static SwarmException Refused(string path, string problem, Exception? cause = null) =>
        new(SwarmErrorCode.FailedPrecondition, $"the control socket {path} {problem}", cause);
}
