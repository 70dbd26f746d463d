// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>The rules of a cluster spec, some of them against the spec that is stored.</summary>
internal static class ClusterSpecValidator
{
    /// <summary>Refuses a spec that breaks a rule.</summary>
    /// <param name="spec">The spec.</param>
    public static void Validate(ClusterSpec? spec)
    {
        ControlRules.SpecPresent.Require(spec is not null, "cluster");
        ControlRules.ClusterCertificateExpiry.Require(
            CommonValidator.Time(spec!.CaConfig?.NodeCertExpiry, "certificate expiry") is not { } expiry
            || expiry >= SwarmDefaults.NodeCertificateExpiryMin);
        ControlRules.ClusterHeartbeat.Require(
            CommonValidator.Time(spec.Dispatcher?.HeartbeatPeriod, "heartbeat period") is not { Ticks: < 0 });
        CommonValidator.Driver(spec.TaskDefaults?.LogDriver);
        ControlRules.ClusterExternalCa.Require(spec.CaConfig is not { ExternalCas.Count: > 0 });
        ControlRules.ClusterAutolock.Require(spec.EncryptionConfig is not { AutoLockManagers: true });
    }

    /// <summary>Refuses a spec that changes what cannot be changed.</summary>
    /// <param name="stored">The spec as it is stored.</param>
    /// <param name="wanted">A valid spec.</param>
    public static void Change(ClusterSpec stored, ClusterSpec wanted)
    {
        string name = stored.Annotations?.Name ?? "";
        ControlRules.ClusterRename.Require(string.Equals(wanted.Annotations?.Name ?? "", name, StringComparison.Ordinal));
        CAConfig before = stored.CaConfig ?? new CAConfig();
        CAConfig after = wanted.CaConfig ?? before;
        ControlRules.ClusterRootRotation.Require(
            after.ForceRotate == before.ForceRotate
            && after.SigningCaCert.Equals(before.SigningCaCert)
            && (after.SigningCaKey.IsEmpty || after.SigningCaKey.Equals(before.SigningCaKey)));
    }
}
