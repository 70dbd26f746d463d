// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Swarm.Core;
using Swarm.Rpc;

namespace Swarm.Hosting;

/// <summary>Which address others are told, and which one dials oneself.</summary>
internal static class NodeAddresses
{
    /// <summary>
    /// The address that other nodes are told: the given one, else the one listened on, with a wildcard replaced by the machine's
    /// first address.
    /// </summary>
    public static string Advertised(string advertise, string listen)
    {
        if (advertise.Length > 0)
        {
            return advertise;
        }

        IPEndPoint endpoint = RpcAddress.ParseListen(listen);
        if (endpoint.Port == 0)
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument,
                $"a manager needs a fixed port that other nodes can be told, not {listen} (--listen-remote-api)");
        }

        return IsWildcard(endpoint.Address) ? new IPEndPoint(FirstAddress(endpoint.AddressFamily), endpoint.Port).ToString() : endpoint.ToString();
    }

    /// <summary>The address under which a manager dials itself.</summary>
    public static string Dialled(string listen)
    {
        IPEndPoint endpoint = RpcAddress.ParseListen(listen);
        return IsWildcard(endpoint.Address)
            ? new IPEndPoint(endpoint.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, endpoint.Port).ToString()
            : endpoint.ToString();
    }

    /// <summary>Refuses what is no host:port.</summary>
    /// <param name="address">The text.</param>
    /// <param name="place">Where it stands, for the error.</param>
    public static void RequireHostAndPort(string address, string place)
    {
        int colon = address.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, null, out int port) || port > 65535)
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument, $"'{address}' is not an address of the form HOST:PORT ({place})");
        }
    }

    private static bool IsWildcard(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static IPAddress FirstAddress(AddressFamily family) => NetworkInterface.GetAllNetworkInterfaces()
        .Where(i => i.OperationalStatus == OperationalStatus.Up && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .SelectMany(i => i.GetIPProperties().UnicastAddresses)
        .Select(a => a.Address)
        .FirstOrDefault(a => a.AddressFamily == family && !a.IsIPv6LinkLocal)
        ?? (family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback);
}
