// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Manager.ControlApi.Validation;
using Swarm.Store;
using PublishMode = Swarm.Api.PortConfig.Types.PublishMode;

namespace Swarm.Manager.ControlApi;

/// <summary>The rules between a service and what else is in the store: networks, ports, secrets, configs.</summary>
internal static class ServiceReferences
{
    /// <summary>Refuses a valid spec that does not fit what is stored.</summary>
    /// <param name="state">The store.</param>
    /// <param name="spec">The spec.</param>
    /// <param name="serviceId">The service it is for; empty for a new one.</param>
    public static void Check(IStoreReader state, ServiceSpec spec, string serviceId)
    {
        Networks(state, spec);
        Ports(state, spec, serviceId);
        Data(state, spec.Task);
    }

    private static void Networks(IStoreReader state, ServiceSpec spec)
    {
#pragma warning disable CS0612 // Old clients still send networks here.
        IEnumerable<NetworkAttachmentConfig> attachments = spec.Task.Networks.Concat(spec.Networks);
#pragma warning restore CS0612
        foreach (NetworkAttachmentConfig attachment in attachments)
        {
            Network? network = state.Get<Network>(attachment.Target) ?? state.GetByName<Network>(attachment.Target);
            ControlRules.NetworkFound.Require(network is not null, attachment.Target);
            ControlRules.NetworkIngress.Require(!network!.Spec.Ingress, network.Spec.Annotations.Name);
        }
    }

    private static void Ports(IStoreReader state, ServiceSpec spec, string serviceId)
    {
        if (spec.Endpoint is not { Ports.Count: > 0 } endpoint)
        {
            return;
        }

        ControlRules.PortIngressNetwork.Require(
            endpoint.Ports.All(static p => p.PublishMode != PublishMode.Ingress)
            || state.All<Network>().Any(static n => n.Spec is { Ingress: true }));
        if (endpoint.Ports.All(static p => p.PublishedPort == 0))
        {
            return;
        }

        foreach (Service other in state.All<Service>().Where(o => o.Id != serviceId))
        {
            IEnumerable<PortConfig> taken = (other.Spec?.Endpoint?.Ports ?? []).Concat(other.Endpoint?.Ports ?? []);
            foreach (PortConfig theirs in taken.Where(static p => p.PublishedPort != 0))
            {
                ControlRules.PortTaken.Require(
                    !endpoint.Ports.Any(ours => Conflict(ours, theirs)),
                    theirs.PublishedPort,
                    other.Spec?.Annotations?.Name,
                    other.Id,
                    theirs.PublishMode == PublishMode.Ingress ? "an ingress" : "a host-published");
            }
        }
    }

    // Two services may publish one port in host mode: the scheduler keeps them apart.
    private static bool Conflict(PortConfig ours, PortConfig theirs) =>
        ours.PublishedPort == theirs.PublishedPort
        && ours.Protocol == theirs.Protocol
        && (ours.PublishMode == PublishMode.Ingress || theirs.PublishMode == PublishMode.Ingress);

    private static void Data(IStoreReader state, TaskSpec spec)
    {
        IEnumerable<(string Id, string Name)> secrets = (spec.Container?.Secrets ?? []).Select(static s => (s.SecretId, s.SecretName))
            .Concat(References(spec, ResourceType.Secret));
        IEnumerable<(string Id, string Name)> configs = (spec.Container?.Configs ?? []).Select(static c => (c.ConfigId, c.ConfigName))
            .Concat(References(spec, ResourceType.Config));
        string[] missing = [.. secrets.Where(s => state.Get<Secret>(s.Id) is null).Select(static s => s.Name)];
        ControlRules.SecretFound.Require(missing.Length == 0, string.Join(", ", missing));
        missing = [.. configs.Where(c => state.Get<Config>(c.Id) is null).Select(static c => c.Name)];
        ControlRules.ConfigFound.Require(missing.Length == 0, string.Join(", ", missing));
    }

    private static IEnumerable<(string Id, string Name)> References(TaskSpec spec, ResourceType type) =>
        spec.ResourceReferences.Where(r => r.ResourceType == type).Select(static r => (r.ResourceId, r.ResourceId));
}
