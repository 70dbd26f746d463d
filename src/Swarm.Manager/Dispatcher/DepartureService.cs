// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api.Ext;

namespace Swarm.Manager;

/// <summary>Takes the announcements of nodes that are about to leave, for the dispatcher. Thread-safe.</summary>
/// <param name="dispatcher">Who knows the nodes' sessions.</param>
public sealed class DepartureService(DispatcherService dispatcher) : Departure.DepartureBase
{
    /// <inheritdoc/>
    public override Task<AnnounceResponse> Announce(AnnounceRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return dispatcher.AnnounceAsync(request, context);
    }
}
