// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using Swarm.Runtime.Docker;

namespace Swarmd;

/// <summary>
/// Tells a newcomer without Docker what to do. A node does start without its engine, for after a reboot the engine may come later; but who
/// has none would only see tasks that never run.
/// </summary>
internal static class EngineHint
{
    /// <summary>Null when something listens where the engine should, or when that cannot be told without leaving this host.</summary>
    internal static string? Of(Uri? given)
    {
        Uri? endpoint = given;
        if (endpoint is null)
        {
            string host = Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } named ? named : DockerExecutorOptions.DefaultEndpoint;
            _ = Uri.TryCreate(host, UriKind.Absolute, out endpoint);
        }

        return endpoint is { Scheme: "unix" } && !Answers(endpoint.LocalPath)
            ? $"no Docker Engine answers at {endpoint}: containers wait until one does. Another one is named with --engine-addr; "
                + "programs of this machine instead of containers run with --executor process"
            : null;
    }

    private static bool Answers(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (Exception e) when (e is SocketException or ArgumentOutOfRangeException)
        {
            // Out of range: no socket can have a path of that length.
            return false;
        }
    }
}
