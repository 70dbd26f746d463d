// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Swarm.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the health of a cluster node to the host program's.</summary>
public static class SwarmHealthChecksBuilderExtensions
{
    /// <summary>Adds a check that is healthy while the node of <c>AddSwarmNode</c> takes tasks and orders.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">What it is otherwise; unhealthy when left out.</param>
    /// <param name="tags">Tags, such as "ready", by which endpoints choose checks.</param>
    /// <returns>The builder.</returns>
    public static IHealthChecksBuilder AddSwarmNode(
        this IHealthChecksBuilder builder, string name = "swarm", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name, services => new SwarmNodeHealthCheck(services.GetRequiredService<SwarmNode>()), failureStatus, tags));
    }
}
