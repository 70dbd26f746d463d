// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Hosting;

/// <summary>Managers that are written down once. Thread-safe.</summary>
public sealed class StaticManagerDiscovery : IManagerDiscovery
{
    private readonly string[] _addresses;

    /// <summary>Makes it.</summary>
    /// <param name="addresses">Addresses as host:port.</param>
    /// <exception cref="Swarm.Core.SwarmException">InvalidArgument: one is no address of this form; the text shows it.</exception>
    public StaticManagerDiscovery(params IEnumerable<string> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        _addresses = [.. addresses];
        foreach (string address in _addresses)
        {
            NodeAddresses.RequireHostAndPort(address, "a manager in the list given");
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> GetManagersAsync(CancellationToken cancellationToken = default) => new(_addresses);
}
