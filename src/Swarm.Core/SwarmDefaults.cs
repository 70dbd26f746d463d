// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Core;

/// <summary>The defaults and limits that several packages share; the numbers are SwarmKit's.</summary>
public static class SwarmDefaults
{
    /// <summary>Name of the one cluster object.</summary>
    public const string ClusterName = "default";

    /// <summary>How long a stopping task may take before it is killed.</summary>
    public static readonly TimeSpan StopGracePeriod = TimeSpan.FromSeconds(10);

    /// <summary>Time from the end of a task to its restart.</summary>
    public static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(5);

    /// <summary>Finished tasks kept for each slot, or for each node of a global service.</summary>
    public const long TaskHistoryRetentionLimit = 5;

    /// <summary>Time between two heartbeats of a worker.</summary>
    public static readonly TimeSpan HeartbeatPeriod = TimeSpan.FromSeconds(5);

    /// <summary>Missed heartbeats after which a node counts as down.</summary>
    public const int HeartbeatGraceMultiplier = 3;

    /// <summary>Life of a node certificate.</summary>
    public static readonly TimeSpan NodeCertificateExpiry = TimeSpan.FromDays(90);

    /// <summary>Least life of a node certificate.</summary>
    public static readonly TimeSpan NodeCertificateExpiryMin = TimeSpan.FromHours(1);

    /// <summary>How long the start of a replacement waits for the old task to stop.</summary>
    public static readonly TimeSpan OldTaskStopTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Time a new task is watched for failures during an update.</summary>
    public static readonly TimeSpan UpdateMonitor = TimeSpan.FromSeconds(5);

    /// <summary>Largest gRPC message, in bytes.</summary>
    public const int MessageSizeMax = 4 * 1024 * 1024;

    /// <summary>
    /// The label on a task that waits which says why, for programs: <c>REASON</c> or <c>REASON=NODES</c>, several with commas. The
    /// sentence for people is in the status of the task.
    /// </summary>
    public const string WaitingLabel = "swarm.ext.v1.waiting";
}
