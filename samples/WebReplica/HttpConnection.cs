// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace WebReplica;

/// <summary>One connection: one request, one answer, closed.</summary>
internal static class HttpConnection
{
    private const int HeadBytesMax = 8 * 1024;
    private const int TimeoutMilliseconds = 5_000;

    public static void Serve(Socket socket)
    {
        using (socket)
        {
            try
            {
                socket.ReceiveTimeout = socket.SendTimeout = TimeoutMilliseconds;
                string? request = ReadRequestLine(socket);
                (int status, string body, int? exitCode) = Answer(request?.Split(' '));
                Console.WriteLine($"{request ?? "(no request)"} -> {status}");
                Send(socket, status, body);
                if (exitCode is { } code)
                {
                    socket.Shutdown(SocketShutdown.Send);
                    Environment.Exit(code);
                }
            }
            catch (SocketException e)
            {
                Console.Error.WriteLine($"connection lost: {e.SocketErrorCode}");
            }
        }
    }

    private static (int Status, string Body, int? ExitCode) Answer(string[]? request)
    {
        if (request is not [var method, var target, ['H', 'T', 'T', 'P', '/', '1', '.', ..]])
        {
            return (400, "this is not HTTP/1\n", null);
        }

        if (method is not "GET")
        {
            return (405, "only GET here\n", null);
        }

        const string exit = "/exit?code=";
        if (target.StartsWith(exit, StringComparison.Ordinal))
        {
            return int.TryParse(target.AsSpan(exit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int code) && code <= 255
                ? (200, $"leaving with exit code {code}\n", code)
                : (400, "the exit code must be from 0 to 255\n", null);
        }

        return target switch
        {
            "/" => (200, Page(), null),
            "/healthz" => (200, "ok\n", null),
            _ => (404, "nothing here; try /, /healthz or /exit?code=N\n", null),
        };
    }

    private static string Page()
    {
        return $"service {Variable("SERVICE_NAME")}\ntask {Variable("TASK_ID")}\nslot {Variable("TASK_SLOT")}\n"
            + $"node {Variable("NODE_ID")}\npid {Environment.ProcessId}\n";

        static string Variable(string name) => Environment.GetEnvironmentVariable($"SWARM_{name}") is { Length: > 0 } value ? value : "-";
    }

    // Reads up to the empty line, so that the client has said everything before it is answered.
    private static string? ReadRequestLine(Socket socket)
    {
        byte[] head = new byte[HeadBytesMax];
        int length = 0;
        while (length < head.Length)
        {
            int read = socket.Receive(head, length, head.Length - length, SocketFlags.None);
            length += read;
            if (read == 0 || head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) >= 0)
            {
                break;
            }
        }

        int end = head.AsSpan(0, length).IndexOf("\r\n"u8);
        return end < 0 ? null : Encoding.Latin1.GetString(head, 0, end);
    }

    private static void Send(Socket socket, int status, string body)
    {
        byte[] text = Encoding.UTF8.GetBytes(body);
        string reason = status switch { 200 => "OK", 400 => "Bad Request", 404 => "Not Found", _ => "Method Not Allowed" };
        string head = $"HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain; charset=utf-8\r\n"
            + $"Content-Length: {text.Length}\r\nConnection: close\r\n\r\n";
        socket.Send(Encoding.ASCII.GetBytes(head));
        socket.Send(text);
    }
}
