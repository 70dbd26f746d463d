// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Swarm.Api;
using Protocol = Swarm.Api.PortConfig.Types.Protocol;
using PublishMode = Swarm.Api.PortConfig.Types.PublishMode;

namespace Swarm.Samples.Swarmctl.Flags;

/// <summary>The two forms of --ports: NAME:TARGET[/PROTOCOL][:PUBLISHED], and target=…;published=…;mode=….</summary>
internal static class PortFlag
{
    private const string Forms = "give NAME:TARGET[/PROTOCOL][:PUBLISHED], or target=80;published=8080;mode=host;protocol=tcp;name=web";

    /// <summary>Reads a port.</summary>
    /// <param name="text">The value of the flag.</param>
    /// <returns>The port.</returns>
    /// <exception cref="Swarm.Core.SwarmException">The text has neither form.</exception>
    public static PortConfig Read(string text) => text.Contains('=', StringComparison.Ordinal) ? Long(text) : Short(text);

    private static PortConfig Short(string text)
    {
        string[] parts = text.Split(':');
        Cli.Require(parts.Length is 2 or 3, $"invalid port {text}: {Forms}");
        (uint target, Protocol? protocol) = Port(parts[1], text);
        var port = new PortConfig { Name = parts[0], TargetPort = target, Protocol = protocol ?? Protocol.Tcp };
        if (parts.Length == 3)
        {
            (uint published, Protocol? second) = Port(parts[2], text);
            Cli.Require(second is null || second == port.Protocol, $"invalid port {text}: its two protocols differ");
            port.PublishedPort = published;
        }

        return port;
    }

    private static PortConfig Long(string text)
    {
        var port = new PortConfig();
        foreach (string field in text.Split([';', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            (string key, string value) = Parse.Pair(field);
            switch (key.Trim().ToLowerInvariant())
            {
                case "name":
                    port.Name = value;
                    break;
                case "target":
                    port.TargetPort = Number(value, text);
                    break;
                case "published":
                    port.PublishedPort = Number(value, text);
                    break;
                case "protocol":
                    port.Protocol = ProtocolOf(value, text);
                    break;
                case "mode":
                    Cli.Require(value is "host" or "ingress", $"invalid port {text}: mode is host or ingress");
                    port.PublishMode = value == "host" ? PublishMode.Host : PublishMode.Ingress;
                    break;
                default:
                    Cli.Require(false, $"invalid port {text}: {Forms}");
                    break;
            }
        }

        return port;
    }

    private static (uint Number, Protocol? Protocol) Port(string part, string text)
    {
        int slash = part.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (Number(part, text), null) : (Number(part[..slash], text), ProtocolOf(part[(slash + 1)..], text));
    }

    private static uint Number(string digits, string text)
    {
        bool ok = ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number);
        Cli.Require(ok, $"invalid port {text}: {digits} is not a number up to 65535");
        return number;
    }

    private static Protocol ProtocolOf(string name, string text)
    {
        Protocol? protocol = name.ToLowerInvariant() switch
        {
            "tcp" => Protocol.Tcp,
            "udp" => Protocol.Udp,
            "sctp" => Protocol.Sctp,
            _ => null,
        };
        Cli.Require(protocol is not null, $"invalid port {text}: {name} is not tcp, udp or sctp");
        return protocol!.Value;
    }
}
