// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;

namespace Swarm.Rpc.Server;

/// <summary>The file of a control socket: who may open it.</summary>
internal static class ControlSocket
{
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
}
