// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Samples.Swarmctl.Output;

/// <summary>What inspect prints of a network.</summary>
internal static class NetworkFields
{
    /// <summary>The fields of a network.</summary>
    /// <param name="network">The network.</param>
    /// <returns>The fields.</returns>
    public static FieldList Of(Network network)
    {
        NetworkSpec spec = network.Spec ?? new NetworkSpec();
        var fields = new FieldList();
        fields.Add("ID", network.Id);
        fields.Add("Name", spec.Annotations?.Name ?? "");
        fields.Head("Spec:");
        fields.Add("  IPv6Enabled", spec.Ipv6Enabled ? "true" : "false");
        fields.Add("  Internal", spec.Internal ? "true" : "false");
        if ((network.DriverState ?? spec.DriverConfig) is { } driver)
        {
            fields.Head("Driver:");
            fields.Add("  Name", driver.Name);
            if (driver.Options.Count > 0)
            {
                fields.Head("  Options:");
                foreach ((string key, string value) in driver.Options.OrderBy(static o => o.Key, StringComparer.Ordinal))
                {
                    fields.Line($"    {key} = {value}");
                }
            }
        }

        if ((network.Ipam ?? spec.Ipam) is { } ipam)
        {
            Addresses(fields, ipam);
        }

        return fields;
    }

    private static void Addresses(FieldList fields, IPAMOptions ipam)
    {
        fields.Head("IPAM:");
        if (ipam.Driver is { } driver)
        {
            fields.Head("  Driver:");
            fields.Add("    Name", driver.Name);
        }

        foreach (IPAMConfig config in ipam.Configs)
        {
            fields.Head("  IPAM Config:");
            fields.Add("    Family", Wire.Name(config.Family));
            fields.AddIfSet("    Subnet", config.Subnet);
            fields.AddIfSet("    Range", config.Range);
            fields.AddIfSet("    Gateway", config.Gateway);
        }
    }
}
