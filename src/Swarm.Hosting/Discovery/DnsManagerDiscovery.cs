// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Swarm.Core;

namespace Swarm.Hosting;

/// <summary>
/// Managers that stand behind one DNS name, all on one port: each address of the name is one (a headless service, a round-robin record). Asked anew
/// each time. A name that does not exist (yet) has no managers. Thread-safe.
/// </summary>
public sealed class DnsManagerDiscovery : IManagerDiscovery
{
    private readonly string _name;
    private readonly int _port;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;

    /// <summary>Makes it.</summary>
    /// <param name="name">The name to look up.</param>
    /// <param name="port">The port on which the managers listen, 1 to 65535.</param>
    /// <param name="resolve">Looks a name up; the operating system's resolver when left out.</param>
    public DnsManagerDiscovery(string name, int port, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
        _name = name;
        _port = port;
        _resolve = resolve ?? Dns.GetHostAddressesAsync;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> GetManagersAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            IPAddress[] found = await _resolve(_name, cancellationToken);
            string port = _port.ToString(CultureInfo.InvariantCulture);

            // Resolvers shuffle; who asks twice should see the same.
            return [.. found
                .Select(a => a.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{a}]:{port}" : $"{a}:{port}")
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)];
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
        {
            return [];
        }
        catch (SocketException e)
        {
            throw new SwarmException(SwarmErrorCode.Unavailable, $"the managers' name {_name} cannot be looked up: {e.Message.TrimEnd('.')}", e);
        }
    }
}
