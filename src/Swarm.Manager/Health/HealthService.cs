// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Grpc.Core;
using Swarm.Api;
using Swarm.Core;
using Serving = Swarm.Api.HealthCheckResponse.Types.ServingStatus;

namespace Swarm.Manager;

/// <summary>
/// The health service of SwarmKit (not the one of <c>grpc.health.v1</c>): tells other managers whether a part of this one works. Asked for
/// no part it says that the process lives. Thread-safe.
/// </summary>
public sealed class HealthService : Api.Health.HealthBase
{
    /// <summary>Name of the part that takes part in consensus.</summary>
    public const string Raft = "Raft";

    /// <summary>Name of the part that answers the control API.</summary>
    public const string ControlApi = "ControlAPI";

    private readonly ConcurrentDictionary<string, Serving> _parts = new(StringComparer.Ordinal) { [""] = Serving.Serving };

    /// <summary>Sets how a part is.</summary>
    /// <param name="part">Its name.</param>
    /// <param name="status">How it is.</param>
    public void SetStatus(string part, Serving status) => _parts[part] = status;

    /// <inheritdoc/>
    /// <exception cref="SwarmException">NotFound: there is no such part.</exception>
    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _parts.TryGetValue(request.Service, out Serving status)
            ? Task.FromResult(new HealthCheckResponse { Status = status })
            : throw new SwarmException(SwarmErrorCode.NotFound, $"unknown service {request.Service}");
    }
}
