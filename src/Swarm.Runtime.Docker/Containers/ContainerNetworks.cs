// SPDX-License-Identifier: Apache-2.0
#nullable disable warnings // The models of the client do not say what may be left out: nearly everything.
using System.Net;
using System.Net.Sockets;
using Docker.DotNet.Models;

namespace Swarm.Runtime.Docker.Containers;

/// <summary>The networks a container joins when it is made.</summary>
internal static class ContainerNetworks
{
    private const string PredefinedLabel = "com.docker.swarm.predefined";

    /// <summary>All but the network of published ports, which containers do not join.</summary>
    public static IEnumerable<Api.NetworkAttachment> Of(Api.Task task) =>
        task.Networks.Where(static attachment => attachment.Network?.Spec is { Ingress: false });

    /// <summary>Puts them; the first is the one the container starts on.</summary>
    public static void Put(Api.Task task, CreateContainerParameters create)
    {
        Dictionary<string, EndpointSettings> endpoints = new(StringComparer.Ordinal);
        foreach (Api.NetworkAttachment attachment in Of(task))
        {
            string name = attachment.Network.Spec.Annotations?.Name ?? "";
            create.HostConfig.NetworkMode ??= name;
            if (!IsPredefined(attachment.Network))
            {
                endpoints[name] = Endpoint(attachment);
            }
        }

        if (endpoints.Count > 0)
        {
            create.NetworkingConfig = new NetworkingConfig { EndpointsConfig = endpoints };
        }
    }

    private static bool IsPredefined(Api.Network network) =>
        network.Spec.Annotations?.Labels is { } labels && labels.TryGetValue(PredefinedLabel, out string? value) && value == "true";

    private static EndpointSettings Endpoint(Api.NetworkAttachment attachment)
    {
        var addresses = attachment.Addresses
            .Select(static text => IPAddress.TryParse(text.Split('/')[0], out IPAddress? address) ? address : null)
            .OfType<IPAddress>()
            .ToList();
        return new EndpointSettings
        {
            NetworkID = attachment.Network.Id,
            Aliases = attachment.Aliases.Count > 0 ? [.. attachment.Aliases] : null,
            DriverOpts = attachment.DriverAttachmentOpts.Count > 0
                ? new SortedDictionary<string, string>(attachment.DriverAttachmentOpts, StringComparer.Ordinal) : null,
            IPAMConfig = addresses.Count == 0 ? null : new EndpointIPAMConfig
            {
                IPv4Address = addresses.Find(static a => a.AddressFamily == AddressFamily.InterNetwork)?.ToString(),
                IPv6Address = addresses.Find(static a => a.AddressFamily == AddressFamily.InterNetworkV6)?.ToString(),
            },
        };
    }
}
