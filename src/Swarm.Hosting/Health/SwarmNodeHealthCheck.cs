// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Swarm.Hosting;

/// <summary>
/// Healthy while the node takes tasks and orders: its agent has a session, where it is a manager the cluster has a leader, and its certificate is
/// valid. Degraded while it does, but an executor is unable, or the certificate could not be renewed and less than a quarter of its life is left.
/// The description says each thing that is wrong; the data say how session, leader, certificate and each executor are. Thread-safe.
/// </summary>
/// <param name="node">The node.</param>
public sealed class SwarmNodeHealthCheck(SwarmNode node) : IHealthCheck
{
    private const double CertificateRest = 0.25;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Task.FromResult(Check(node.Status, context.Registration?.FailureStatus ?? HealthStatus.Unhealthy));
    }

    internal static HealthCheckResult Check(SwarmNodeStatus status, HealthStatus failure)
    {
        string[] failures = [.. Failures(status)];
        string[] warnings = [.. Warnings(status)];
        string description = failures.Length + warnings.Length == 0
            ? $"session with the manager at {status.SessionManager}"
            : string.Join("; ", failures.Concat(warnings));
        HealthStatus health = failures.Length > 0 ? failure : warnings.Length > 0 ? HealthStatus.Degraded : HealthStatus.Healthy;
        return new HealthCheckResult(health, description, data: Data(status));
    }

    private static IEnumerable<string> Failures(SwarmNodeStatus status)
    {
        if (status.Phase != SwarmNodePhase.Running)
        {
            yield return $"the node is not running: {status.Phase}";
            yield break;
        }

        if (IsExpired(status))
        {
            yield return $"the node's certificate expired {Whole(-status.CertificateRemaining!.Value)} ago{Because(status.CertificateProblem)}";
        }

        if (status is { HasManager: true, HasLeader: false })
        {
            yield return "the cluster has no leader";
        }

        if (status.SessionManager.Length == 0)
        {
            yield return status.Problem.Length > 0 ? $"no session with a manager: {status.Problem}" : "no session with a manager yet";
        }
    }

    private static IEnumerable<string> Warnings(SwarmNodeStatus status)
    {
        if (status.CertificateRemaining is { } rest && !IsExpired(status)
            && status.CertificateProblem.Length > 0 && rest < status.CertificateLife * CertificateRest)
        {
            yield return $"the node's certificate expires in {Whole(rest)} and could not be renewed{Because(status.CertificateProblem)}";
        }

        foreach ((string executor, string problem) in status.Executors.Where(static e => e.Value.Length > 0))
        {
            yield return $"executor {executor}: {problem}";
        }
    }

    private static Dictionary<string, object> Data(SwarmNodeStatus status)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["phase"] = status.Phase.ToString(),
            ["node"] = status.NodeId,
            ["cluster"] = status.ClusterId,
            ["role"] = status.Role.ToString(),
            ["session"] = status.SessionManager,
            ["certificate"] = status.CertificateRemaining is not { } rest ? "none" : rest <= TimeSpan.Zero ? "expired" : $"expires in {Whole(rest)}",
        };
        if (status.HasManager)
        {
            data["leader"] = status.HasLeader;
        }

        foreach ((string executor, string problem) in status.Executors)
        {
            data[$"executor.{executor}"] = problem.Length > 0 ? problem : "able";
        }

        return data;
    }

    private static bool IsExpired(SwarmNodeStatus status) => status.CertificateRemaining <= TimeSpan.Zero;

    private static TimeSpan Whole(TimeSpan time) => TimeSpan.FromSeconds(Math.Floor(time.TotalSeconds));

    private static string Because(string problem) => problem.Length > 0 ? $": {problem}" : "";
}
