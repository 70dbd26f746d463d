// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Client;

namespace Swarm.Samples.Swarmctl.Flags;

/// <summary>Puts ids where a spec still has the names that were typed.</summary>
internal static class ReferenceResolver
{
    /// <summary>Finds what is named, and fills in the ids.</summary>
    /// <param name="client">The client.</param>
    /// <param name="spec">The spec, changed in place.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    /// <returns>Ends when all are found.</returns>
    /// <exception cref="Swarm.Core.SwarmException">Something named does not exist.</exception>
    public static async Task FillAsync(SwarmClient client, TaskSpec spec, CancellationToken cancellationToken)
    {
        foreach (SecretReference secret in spec.Container?.Secrets.Where(static s => s.SecretId.Length == 0) ?? [])
        {
            Secret found = await client.Secrets.ResolveAsync(secret.SecretName, cancellationToken);
            (secret.SecretId, secret.SecretName) = (found.Id, found.Spec.Annotations.Name);
        }

        foreach (ConfigReference config in spec.Container?.Configs.Where(static c => c.ConfigId.Length == 0) ?? [])
        {
            Config found = await client.Configs.ResolveAsync(config.ConfigName, cancellationToken);
            (config.ConfigId, config.ConfigName) = (found.Id, found.Spec.Annotations.Name);
        }

        foreach (ResourceReference reference in spec.ResourceReferences)
        {
            reference.ResourceId = reference.ResourceType switch
            {
                ResourceType.Secret => (await client.Secrets.ResolveAsync(reference.ResourceId, cancellationToken)).Id,
                ResourceType.Config => (await client.Configs.ResolveAsync(reference.ResourceId, cancellationToken)).Id,
                _ => reference.ResourceId,
            };
        }

        foreach (NetworkAttachmentConfig network in spec.Networks)
        {
            network.Target = (await client.Networks.ResolveAsync(network.Target, cancellationToken)).Id;
        }
    }
}
