// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;
using Swarm.Manager.ControlApi;
using Swarm.Manager.ControlApi.Validation;

namespace Swarm.Manager;

/// <content>Extensions, which are kinds of resources that users define, and their resources.</content>
public sealed partial class ControlService
{
    private const string ExtensionKind = "extension";

    private const string ResourceKind = "resource";

    /// <inheritdoc/>
    public override Task<GetExtensionResponse> GetExtension(GetExtensionRequest request, ServerCallContext context) =>
        Answer(new GetExtensionResponse { Extension = Read<Extension>(State, ExtensionKind, request.ExtensionId) });

    /// <inheritdoc/>
    public override Task<CreateExtensionResponse> CreateExtension(CreateExtensionRequest request, ServerCallContext context)
    {
        ControlRules.NamePresent.Require(request.Annotations is { Name.Length: > 0 });
        return WriteAsync<CreateExtensionResponse>("CreateExtension", context, tx =>
        {
            RequireFreeName<Extension>(tx, ExtensionKind, request.Annotations.Name);
            string id = tx.Ids.NewId();
            tx.Create(new Extension { Id = id, Annotations = request.Annotations, Description = request.Description });
            return Left<Extension, CreateExtensionResponse>(tx, id, static o => new() { Extension = o });
        });
    }

    /// <inheritdoc/>
    public override Task<RemoveExtensionResponse> RemoveExtension(RemoveExtensionRequest request, ServerCallContext context)
    {
        ControlRules.ObjectId.Require(request.ExtensionId.Length > 0, ExtensionKind);
        return WriteAsync<RemoveExtensionResponse>("RemoveExtension", context, tx =>
        {
            Extension stored = Read<Extension>(tx, ExtensionKind, request.ExtensionId);
            ControlRules.ExtensionInUse.Require(!tx.ResourcesByKind(stored.Annotations.Name).Any(), stored.Annotations.Name);
            tx.Remove<Extension>(stored.Id);
            return static _ => new RemoveExtensionResponse();
        });
    }

    /// <inheritdoc/>
    public override Task<GetResourceResponse> GetResource(GetResourceRequest request, ServerCallContext context) =>
        Answer(new GetResourceResponse { Resource = Read<Resource>(State, ResourceKind, request.ResourceId) });

    /// <inheritdoc/>
    public override Task<ListResourcesResponse> ListResources(ListResourcesRequest request, ServerCallContext context)
    {
        ListResourcesRequest.Types.Filters filters = request.Filters ?? new();
        IEnumerable<Resource> candidates = filters.Kind.Length > 0
            ? ListFilter.InOrder(State.ResourcesByKind(filters.Kind))
            : ListFilter.ByIdPrefixes<Resource>(State, filters.IdPrefixes);
        IEnumerable<Resource> resources = candidates.Where(r =>
            ListFilter.StartsWith(r.Id, filters.IdPrefixes)
            && ListFilter.Annotations(r.Annotations, filters.Names, filters.NamePrefixes, filters.Labels));
        return Bounded(new ListResourcesResponse { Resources = { resources } });
    }

    /// <inheritdoc/>
    public override Task<CreateResourceResponse> CreateResource(CreateResourceRequest request, ServerCallContext context)
    {
        ControlRules.NamePresent.Require(request.Annotations is { Name.Length: > 0 });
        return WriteAsync<CreateResourceResponse>("CreateResource", context, tx =>
        {
            ControlRules.ResourceKind.Require(tx.GetByName<Extension>(request.Kind) is not null, request.Kind);
            RequireFreeName<Resource>(tx, ResourceKind, request.Annotations.Name);
            string id = tx.Ids.NewId();
            tx.Create(new Resource { Id = id, Annotations = request.Annotations, Kind = request.Kind, Payload = request.Payload });
            return Left<Resource, CreateResourceResponse>(tx, id, static o => new() { Resource = o });
        });
    }

    /// <inheritdoc/>
    public override Task<UpdateResourceResponse> UpdateResource(UpdateResourceRequest request, ServerCallContext context)
    {
        ControlRules.ObjectId.Require(request.ResourceId.Length > 0, ResourceKind);
        return WriteAsync<UpdateResourceResponse>("UpdateResource", context, tx =>
        {
            Resource stored = ReadForUpdate<Resource>(tx, ResourceKind, request.ResourceId, request.ResourceVersion);
            ControlRules.ResourceRename.Require(request.Annotations is null || request.Annotations.Name == stored.Annotations.Name);
            Resource updated = stored.WithAnnotations(request.Annotations ?? stored.Annotations);
            updated.Payload = request.Payload ?? stored.Payload;
            tx.Update(updated);
            return Left<Resource, UpdateResourceResponse>(tx, stored.Id, static o => new() { Resource = o });
        });
    }

    /// <inheritdoc/>
    public override Task<RemoveResourceResponse> RemoveResource(RemoveResourceRequest request, ServerCallContext context)
    {
        ControlRules.ObjectId.Require(request.ResourceId.Length > 0, ResourceKind);
        return WriteAsync<RemoveResourceResponse>("RemoveResource", context, tx =>
        {
            tx.Remove<Resource>(Read<Resource>(tx, ResourceKind, request.ResourceId).Id);
            return static _ => new RemoveResourceResponse();
        });
    }
}
