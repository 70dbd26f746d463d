// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using System.Text.Json;

namespace Swarm.Runtime.Docker.Engine;

/// <summary>Says in plain words why an engine cannot be reached, and what to do. The system's own words are about sockets, not engines.</summary>
internal static class ConnectionWords
{
    private const string OtherAddress = "Another address is set by DOCKER_HOST or DockerExecutorOptions.Endpoint";

    private const string Ended = "it closed the connection in the middle of its answer";
    private const string BrokenOff = "it broke the connection off";

    /// <param name="address">How the engine was spoken to.</param>
    /// <param name="error">What went wrong.</param>
    public static string Of(EngineAddress address, Exception error)
    {
        string text = Of(address.SocketPath is not null, error);

        // Not every engine that wants a certificate says so before it hangs up.
        return text is Ended or BrokenOff && address.Certificates is { } directory && !File.Exists(Path.Combine(directory, "cert.pem"))
            ? $"{text}; it may want a certificate of the caller, but there is no cert.pem and key.pem in {directory}"
            : text;
    }

    private static string Of(bool isLocal, Exception error)
    {
        if (EngineTls.WordsOf(error) is { } tls)
        {
            return tls;
        }

        Exception innermost = error;
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            innermost = cause;
            if (cause is SocketException socket && Of(isLocal, socket.SocketErrorCode) is { } text)
            {
                return text;
            }

            if (cause is HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded })
            {
                return Ended;
            }

            if (cause is JsonException or HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse })
            {
                return $"what answers there is no Docker Engine, or speaks TLS. {OtherAddress}";
            }
        }

        return innermost.Message;
    }

    private static string? Of(bool isLocal, SocketError error) => error switch
    {
        // This is what the base library makes of ENOENT.
        SocketError.AddressNotAvailable when isLocal => $"there is no such socket; is the engine running? {OtherAddress}",
        SocketError.AccessDenied when isLocal =>
            "permission to its socket is denied; run this program as root or as a member of the socket's group, which is usually 'docker'",
        SocketError.ConnectionRefused when isLocal => $"its socket exists, but nothing answers there; is the engine running? {OtherAddress}",
        SocketError.ConnectionRefused => $"nothing answers at that port; is the engine running, and does it listen there? {OtherAddress}",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => $"the name of its host cannot be resolved. {OtherAddress}",
        SocketError.TimedOut or SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown =>
            "its host does not answer",
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => BrokenOff,
        _ => null,
    };
}
