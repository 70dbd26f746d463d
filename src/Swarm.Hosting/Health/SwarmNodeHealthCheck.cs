// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Swarm.Hosting;

/// <summary>
/// Healthy while the node takes tasks and orders: its agent has a session, and where it is a manager the cluster has a leader. Thread-safe.
/// </summary>
/// <param name="node">The node.</param>
public sealed class SwarmNodeHealthCheck(SwarmNode node) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        SwarmNodeStatus status = node.Status;
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["phase"] = status.Phase.ToString(),
            ["node"] = status.NodeId,
            ["cluster"] = status.ClusterId,
            ["role"] = status.Role.ToString(),
            ["session"] = status.SessionManager,
        };
        return Task.FromResult(status.IsReady
            ? HealthCheckResult.Healthy($"session with the manager at {status.SessionManager}", data)
            : new HealthCheckResult(context.Registration?.FailureStatus ?? HealthStatus.Unhealthy, Describe(status), data: data));
    }

    private static string Describe(SwarmNodeStatus status) => status switch
    {
        { Phase: not SwarmNodePhase.Running } => $"the node is not running: {status.Phase}",
        { HasManager: true, HasLeader: false } => "the cluster has no leader",
        { Problem.Length: > 0 } => $"no session with a manager: {status.Problem}",
        _ => "no session with a manager yet",
    };
}
