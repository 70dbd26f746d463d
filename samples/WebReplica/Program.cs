// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace WebReplica;

/// <summary>
/// A web server of one page that says which task of which service answers. Options: --port N (default 0: the system chooses one) and
/// --address A (default 127.0.0.1). Tells the port it listens on through the file that SWARM_PORTS_FILE names.
/// </summary>
internal static class Program
{
    private const int ExitUsage = 2;

    private static int Main(string[] args)
    {
        if (!TryRead(args, out IPEndPoint? endPoint, out string problem))
        {
            Console.Error.WriteLine($"webreplica: {problem}\nusage: webreplica [--port N] [--address A]");
            return ExitUsage;
        }

        using var listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(endPoint);
            listener.Listen();
        }
        catch (SocketException e)
        {
            Console.Error.WriteLine($"webreplica: cannot listen on {endPoint}: {e.SocketErrorCode}; give another --port or --address");
            return 1;
        }

        using PosixSignalRegistration onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave);
        using PosixSignalRegistration onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave);
        int port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        Console.WriteLine($"listening on http://{endPoint.Address}:{port}/");
        TellPort(port);
        while (true)
        {
            Socket connection = listener.Accept();
            ThreadPool.UnsafeQueueUserWorkItem(static socket => HttpConnection.Serve(socket), connection, preferLocal: false);
        }
    }

    private static void Leave(PosixSignalContext context)
    {
        context.Cancel = true;
        Console.WriteLine($"{context.Signal}: leaving");
        Environment.Exit(0);
    }

    private static void TellPort(int port)
    {
        if (Environment.GetEnvironmentVariable("SWARM_PORTS_FILE") is { Length: > 0 } path)
        {
            File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $"http tcp {port}\n"));
        }
    }

    private static bool TryReadPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= IPEndPoint.MaxPort;

    private static bool TryRead(string[] args, out IPEndPoint endPoint, out string problem)
    {
        int port = 0;
        IPAddress address = IPAddress.Loopback;
        endPoint = new IPEndPoint(address, port);
        problem = "";
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--port" when TryReadPort(value, out port):
                case "--address" when IPAddress.TryParse(value, out address!):
                    break;
                case "--port":
                    problem = $"--port must be from 0 to {IPEndPoint.MaxPort}, not '{value}'";
                    return false;
                case "--address":
                    problem = $"--address must be an IP address, not '{value}'";
                    return false;
                default:
                    problem = $"unknown option {args[i]}";
                    return false;
            }
        }

        endPoint = new IPEndPoint(address, port);
        return true;
    }
}
