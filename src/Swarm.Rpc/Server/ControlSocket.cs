// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using Swarm.Core;

namespace Swarm.Rpc.Server;

/// <summary>The file of a control socket: who may open it, and what becomes of one that was left behind.</summary>
internal static class ControlSocket
{
    private const int NoSuchDevice = 6;

    /// <summary>
    /// Makes and binds the socket. It is for its owner only before anybody can connect: nothing is accepted before it listens.
    /// </summary>
    public static Socket Bind(EndPoint endPoint)
    {
        string path = ((UnixDomainSocketEndPoint)endPoint).ToString()!;
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(endPoint);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Removes a socket that a dead process left behind.</summary>
    /// <exception cref="SwarmException">FailedPrecondition: somebody answers there, or it is no socket.</exception>
    public static void ClearStale(UnixDomainSocketEndPoint endPoint)
    {
        string path = endPoint.ToString()!;
        if (!File.Exists(path))
        {
            if (Directory.Exists(path))
            {
                throw new SwarmException(SwarmErrorCode.FailedPrecondition,
                    $"the control socket {path} cannot be made: a directory is in its place");
            }

            return;
        }

        if (!IsSocket(path))
        {
            throw new SwarmException(SwarmErrorCode.FailedPrecondition,
                $"the control socket {path} cannot be made: a file is in its place; remove it or choose another path");
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endPoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        catch (SocketException e)
        {
            throw new SwarmException(SwarmErrorCode.FailedPrecondition, $"the control socket {path} cannot be taken over: {e.Message}", e);
        }

        throw new SwarmException(SwarmErrorCode.FailedPrecondition,
            $"the control socket {path} is in use: another manager runs with it; stop that one or choose another path");
    }

    // A socket cannot be opened as a file, and says so in its own way.
    private static bool IsSocket(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            return false;
        }
        catch (IOException e)
        {
            return (e.HResult & 0xffff) == NoSuchDevice;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
    }
}
