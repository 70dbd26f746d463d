// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Docker.DotNet.Models;
using Swarm.Api;
using PortStatus = Swarm.Api.PortStatus;
using PortConfig = Swarm.Api.PortConfig;

namespace Swarm.Runtime.Docker.Engine;

/// <summary>Which ports of the host lead to a container.</summary>
internal static class ContainerPorts
{
    public static PortStatus? Of(ContainerInspectResponse container, Api.Task task)
    {
        var status = new PortStatus();
        foreach ((string key, IList<PortBinding>? bindings) in (container.NetworkSettings?.Ports ?? new Dictionary<string, IList<PortBinding>>())
            .OrderBy(static p => p.Key, StringComparer.Ordinal))
        {
            string[] parts = key.Split('/');
            if (!uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out uint target)
                || !Enum.TryParse(parts.Length > 1 ? parts[1] : "tcp", ignoreCase: true, out PortConfig.Types.Protocol protocol))
            {
                continue;
            }

            // The same port for IPv4 and IPv6 is one port.
            foreach (string host in (bindings ?? []).Select(static b => b.HostPort).Distinct(StringComparer.Ordinal))
            {
                if (uint.TryParse(host, NumberStyles.None, CultureInfo.InvariantCulture, out uint published))
                {
                    status.Ports.Add(new PortConfig
                    {
                        Name = NameOf(task, target, protocol, published),
                        Protocol = protocol, TargetPort = target, PublishedPort = published, PublishMode = PortConfig.Types.PublishMode.Host,
                    });
                }
            }
        }

        return status.Ports.Count > 0 ? status : null;
    }

    // A port inside may be published several times; what was published at a port of the engine's choice is none of the fixed ones.
    private static string NameOf(Api.Task task, uint target, PortConfig.Types.Protocol protocol, uint published) =>
        (task.Endpoint?.Ports ?? [])
            .Where(p => p.PublishMode == PortConfig.Types.PublishMode.Host && p.TargetPort == target && p.Protocol == protocol)
            .MinBy(p => p.PublishedPort == published ? 0 : p.PublishedPort == 0 ? 1 : 2)?.Name ?? "";
}
