// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Swarm.Scheduler;

/// <summary>Compares the address of a node with an address or a subnet.</summary>
internal static class AddressMatch
{
    /// <summary>Whether an address is the wanted one, or lies in the wanted subnet; null if what is wanted is neither.</summary>
    public static bool? Test(string wanted, string address)
    {
        int slash = wanted.IndexOf('/', StringComparison.Ordinal);
        IPAddress? target = Read(slash < 0 ? wanted : wanted[..slash]);
        int prefix = -1;
        bool prefixIsWrong = slash >= 0
            && !int.TryParse(wanted.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix);
        if (target is null || prefixIsWrong)
        {
            return null;
        }

        byte[] network = target.GetAddressBytes();
        if (prefix > network.Length * 8)
        {
            return null;
        }

        return Read(address) is { } actual && SameBits(network, actual.GetAddressBytes(), slash < 0 ? network.Length * 8 : prefix);
    }

    private static bool SameBits(byte[] left, byte[] right, int bits)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        int whole = bits / 8;
        int rest = bits % 8;
        return left.AsSpan(0, whole).SequenceEqual(right.AsSpan(0, whole))
            && (rest == 0 || (left[whole] ^ right[whole]) >> (8 - rest) == 0);
    }

    /// <summary>Reads the usual notation only: the parser of the platform also takes "1" and "0x7f.1" for addresses.</summary>
    private static IPAddress? Read(string text)
    {
        bool usual = (text.Contains(':', StringComparison.Ordinal) && !text.Contains('[', StringComparison.Ordinal))
            || (text.Count(static c => c == '.') == 3 && text.All(static c => char.IsAsciiDigit(c) || c == '.'));
        if (!usual || !IPAddress.TryParse(text, out IPAddress? address))
        {
            return null;
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6 && address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }
}
