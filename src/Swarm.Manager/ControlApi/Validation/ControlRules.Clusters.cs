// SPDX-License-Identifier: Apache-2.0
using static Swarm.Core.SwarmErrorCode;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>Rules of the cluster object.</summary>
internal static partial class ControlRules
{
    public static readonly ControlRule ClusterRename = new("cluster-rename", InvalidArgument, "the name of a cluster cannot be changed");

    public static readonly ControlRule ClusterCertificateExpiry = new(
        "cluster-cert-expiry",
        InvalidArgument,
        "minimum certificate expiry time is: 1h0m0s");

    public static readonly ControlRule ClusterHeartbeat = new(
        "cluster-heartbeat",
        InvalidArgument,
        "heartbeat time period cannot be a negative duration");

    public static readonly ControlRule ClusterExternalCa = new(
        "cluster-external-ca",
        Unimplemented,
        "external certificate authorities come with a later version");

    public static readonly ControlRule ClusterRootRotation = new(
        "cluster-root-rotation",
        Unimplemented,
        "rotating the root certificate comes with a later version");

    public static readonly ControlRule ClusterAutolock = new(
        "cluster-autolock",
        Unimplemented,
        "locking managers comes with a later version, together with encryption at rest");

    public static readonly ControlRule ClusterUnlockKey = new(
        "cluster-unlock-key",
        Unimplemented,
        "rotating the unlock key comes with a later version, together with encryption at rest");
}
