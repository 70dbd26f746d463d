// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;

namespace Swarm.Manager.ControlApi;

/// <summary>What of an object may leave in an answer.</summary>
internal static class Redaction
{
    /// <summary>A cluster without its keys: what remains is its spec, root certificate, join tokens and network settings.</summary>
    /// <param name="cluster">The cluster as stored.</param>
    /// <returns>A copy for an answer.</returns>
    public static Cluster Cluster(Cluster cluster)
    {
        Cluster copy = cluster
            .WithNetworkBootstrapKeys([])
            .WithUnlockKeys([])
            .WithEncryptionKeyLamportClock(0);
        if (cluster.RootCa is { } root)
        {
            RootRotation? rotation = root.RootRotation?.WithCaKey(ByteString.Empty);
            copy.RootCa = root.WithCaKey(ByteString.Empty).WithRootRotation(rotation);
        }

        if (cluster.Spec?.CaConfig is { } authority)
        {
            copy.Spec = cluster.Spec.WithCaConfig(authority.WithSigningCaKey(ByteString.Empty));
        }

        return copy;
    }

    /// <summary>A secret without its data.</summary>
    /// <param name="secret">The secret as stored.</param>
    /// <returns>A copy for an answer.</returns>
    public static Secret Secret(Secret secret) => secret.WithSpec(secret.Spec?.WithData(ByteString.Empty));
}
