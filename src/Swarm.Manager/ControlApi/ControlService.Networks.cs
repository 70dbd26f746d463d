// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;
using Swarm.Core;
using Swarm.Manager.ControlApi;
using Swarm.Manager.ControlApi.Validation;

namespace Swarm.Manager;

/// <content>Networks and volumes: they can be read; making and changing them comes with later versions.</content>
public sealed partial class ControlService
{
    private const string NetworkKind = "network";

    private const string VolumeKind = "volume";

    /// <inheritdoc/>
    public override Task<GetNetworkResponse> GetNetwork(GetNetworkRequest request, ServerCallContext context)
    {
        ControlRules.ObjectId.Require(request.NetworkId.Length + request.Name.Length > 0, NetworkKind);
        Network network = request.NetworkId.Length > 0
            ? Read<Network>(State, NetworkKind, request.NetworkId)
            : Found(State.GetByName<Network>(request.Name), NetworkKind, request.Name);
        return Answer(new GetNetworkResponse { Network = network });
    }

    /// <inheritdoc/>
    public override Task<ListNetworksResponse> ListNetworks(ListNetworksRequest request, ServerCallContext context)
    {
        ListNetworksRequest.Types.Filters filters = request.Filters ?? new();
        IEnumerable<Network> networks = ListFilter.ByIdPrefixes<Network>(State, filters.IdPrefixes)
            .Where(n => ListFilter.Annotations(n.Spec?.Annotations, filters.Names, filters.NamePrefixes, filters.Labels));
        return Bounded(new ListNetworksResponse { Networks = { networks } });
    }

    /// <inheritdoc/>
    public override Task<CreateNetworkResponse> CreateNetwork(CreateNetworkRequest request, ServerCallContext context) =>
        throw Later("creating networks comes with a later version");

    /// <inheritdoc/>
    public override Task<RemoveNetworkResponse> RemoveNetwork(RemoveNetworkRequest request, ServerCallContext context) =>
        throw Later("removing networks comes with a later version");

    /// <inheritdoc/>
    public override Task<GetVolumeResponse> GetVolume(GetVolumeRequest request, ServerCallContext context) =>
        Answer(new GetVolumeResponse { Volume = Read<Volume>(State, VolumeKind, request.VolumeId) });

    /// <inheritdoc/>
    public override Task<ListVolumesResponse> ListVolumes(ListVolumesRequest request, ServerCallContext context)
    {
        ListVolumesRequest.Types.Filters filters = request.Filters ?? new();
        IEnumerable<Volume> volumes = ListFilter.ByIdPrefixes<Volume>(State, filters.IdPrefixes).Where(v =>
            ListFilter.Annotations(v.Spec?.Annotations, filters.Names, filters.NamePrefixes, filters.Labels)
            && ListFilter.Is(v.Spec?.Group ?? "", filters.Groups)
            && ListFilter.Is(v.Spec?.Driver?.Name ?? "", filters.Drivers));
        return Bounded(new ListVolumesResponse { Volumes = { volumes } });
    }

    /// <inheritdoc/>
    public override Task<CreateVolumeResponse> CreateVolume(CreateVolumeRequest request, ServerCallContext context) =>
        throw Later("creating cluster volumes comes with a later version");

    /// <inheritdoc/>
    public override Task<UpdateVolumeResponse> UpdateVolume(UpdateVolumeRequest request, ServerCallContext context) =>
        throw Later("updating cluster volumes comes with a later version");

    /// <inheritdoc/>
    public override Task<RemoveVolumeResponse> RemoveVolume(RemoveVolumeRequest request, ServerCallContext context) =>
        throw Later("removing cluster volumes comes with a later version");

    private static SwarmException Later(string sentence) => new(SwarmErrorCode.Unimplemented, sentence);
}
