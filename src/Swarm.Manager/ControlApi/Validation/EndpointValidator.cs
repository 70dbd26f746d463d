// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>The rules of published ports within one service.</summary>
internal static class EndpointValidator
{
    private const uint PortMax = 65535;

    /// <summary>Refuses an endpoint that breaks a rule.</summary>
    /// <param name="endpoint">The endpoint; none is fine.</param>
    public static void Validate(EndpointSpec? endpoint)
    {
        if (endpoint is null)
        {
            return;
        }

        CommonValidator.Known(endpoint.Mode, "endpoint mode");
        var published = new HashSet<(uint, PortConfig.Types.Protocol)>();
        foreach (PortConfig port in endpoint.Ports)
        {
            CommonValidator.Known(port.Protocol, "port protocol");
            CommonValidator.Known(port.PublishMode, "publish mode");
            ControlRules.PortRange.Require(port.TargetPort is >= 1 and <= PortMax, "target", port.TargetPort);
            ControlRules.PortRange.Require(port.PublishedPort <= PortMax, "published", port.PublishedPort);
            ControlRules.PortIngressVip.Require(
                endpoint.Mode != EndpointSpec.Types.ResolutionMode.Dnsrr
                || port.PublishMode != PortConfig.Types.PublishMode.Ingress);
            ControlRules.PortDuplicate.Require(port.PublishedPort == 0 || published.Add((port.PublishedPort, port.Protocol)));
        }
    }
}
