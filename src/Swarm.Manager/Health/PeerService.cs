// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api.Ext;

namespace Swarm.Manager;

/// <summary>Tells other members that this one is not SwarmKit, and what it can do beyond it. Thread-safe.</summary>
/// <param name="version">The version of the program.</param>
/// <param name="features">Names of features; order has no meaning.</param>
public sealed class PeerService(string version, IReadOnlyList<string> features) : Api.Ext.Peer.PeerBase
{
    /// <inheritdoc/>
    public override Task<CapabilitiesResponse> Capabilities(CapabilitiesRequest request, ServerCallContext context)
    {
        var response = new CapabilitiesResponse { Version = version };
        response.Features.AddRange(features);
        return Task.FromResult(response);
    }
}
