// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Swarm.Core;

namespace Swarm.Rpc;

/// <summary>The forms of addresses: HOST:PORT and unix:///PATH.</summary>
public static class RpcAddress
{
    /// <summary>Longest path of a unix socket, in bytes; the kernel takes no longer one.</summary>
    public const int SocketPathMax = 107;

    private const string UnixPrefix = "unix://";

    /// <summary>The address of a unix socket.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>unix:// and the full path.</returns>
    public static string OfSocket(string path) => UnixPrefix + Path.GetFullPath(path);

    /// <summary>Reads an address to call.</summary>
    /// <param name="address">HOST:PORT, [IPv6]:PORT or unix:///PATH.</param>
    /// <returns>The end point; a name is not looked up yet.</returns>
    /// <exception cref="SwarmException">InvalidArgument: says what is wrong with it.</exception>
    public static EndPoint Parse(string address)
    {
        if (address.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            return ParseSocket(address[UnixPrefix.Length..]);
        }

        if (IPEndPoint.TryParse(address, out IPEndPoint? ip) && address.EndsWith($":{ip.Port}", StringComparison.Ordinal))
        {
            return ip;
        }

        int colon = address.LastIndexOf(':');
        bool valid = colon > 0 && !address.AsSpan(0, colon).ContainsAny("/:[] @")
            && ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _);
        return valid
            ? new DnsEndPoint(address[..colon], int.Parse(address.AsSpan(colon + 1), CultureInfo.InvariantCulture))
            : throw new SwarmException(SwarmErrorCode.InvalidArgument,
                $"'{address}' is no address: give HOST:PORT, for example 192.168.0.10:4242");
    }

    /// <summary>Reads an address to listen on.</summary>
    /// <param name="address">IP:PORT or :PORT; port 0 takes any free one.</param>
    /// <returns>The end point.</returns>
    /// <exception cref="SwarmException">InvalidArgument: says what is wrong with it.</exception>
    public static IPEndPoint ParseListen(string address)
    {
        string full = address.StartsWith(':') ? "0.0.0.0" + address : address;
        full = full.StartsWith("localhost:", StringComparison.Ordinal) ? "127.0.0.1" + full["localhost".Length..] : full;
        return IPEndPoint.TryParse(full, out IPEndPoint? ip) && full.EndsWith($":{ip.Port}", StringComparison.Ordinal)
            ? ip
            : throw new SwarmException(SwarmErrorCode.InvalidArgument,
                $"'{address}' is no address to listen on: give IP:PORT, for example 0.0.0.0:4242");
    }

    /// <summary>Checks the path of a socket.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The end point, with the full path.</returns>
    /// <exception cref="SwarmException">InvalidArgument: it is empty or too long.</exception>
    public static UnixDomainSocketEndPoint ParseSocket(string path)
    {
        if (path.Length == 0)
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument, "the path of the control socket is empty");
        }

        string full = Path.GetFullPath(path);
        int length = Encoding.UTF8.GetByteCount(full);
        return length <= SocketPathMax
            ? new UnixDomainSocketEndPoint(full)
            : throw new SwarmException(SwarmErrorCode.InvalidArgument,
                $"the path of the control socket has {length} bytes, and the system takes {SocketPathMax}: use a shorter one than {full}");
    }
}
