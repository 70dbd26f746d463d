// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;
using Swarm.Manager.ControlApi;
using Swarm.Manager.ControlApi.Validation;
using Swarm.Store;

namespace Swarm.Manager;

/// <content>Services.</content>
public sealed partial class ControlService
{
    private const string ServiceKind = "service";

    /// <inheritdoc/>
    public override Task<GetServiceResponse> GetService(GetServiceRequest request, ServerCallContext context)
    {
        Service service = Read<Service>(State, ServiceKind, request.ServiceId);
        return Answer(new GetServiceResponse { Service = request.InsertDefaults ? ServiceDefaults.Fill(service) : service });
    }

    /// <inheritdoc/>
    public override Task<ListServicesResponse> ListServices(ListServicesRequest request, ServerCallContext context)
    {
        ListServicesRequest.Types.Filters filters = request.Filters ?? new();
        IEnumerable<Service> services = ListFilter.ByIdPrefixes<Service>(State, filters.IdPrefixes).Where(s =>
            ListFilter.Annotations(s.Spec?.Annotations, filters.Names, filters.NamePrefixes, filters.Labels)
            && ListFilter.Is(ListFilter.RuntimeName(s.Spec?.Task), filters.Runtimes));
        return Bounded(new ListServicesResponse { Services = { services } });
    }

    /// <inheritdoc/>
    public override Task<CreateServiceResponse> CreateService(CreateServiceRequest request, ServerCallContext context)
    {
        ServiceSpecValidator.Validate(request.Spec);
        ControlRules.JobsLater.Require(!ServiceSpecValidator.IsJob(request.Spec));
        return WriteAsync<CreateServiceResponse>("CreateService", context, tx =>
        {
            string id = ServiceCommands.Create(tx, request.Spec);
            return Left<Service, CreateServiceResponse>(tx, id, static o => new() { Service = o });
        });
    }

    /// <inheritdoc/>
    public override Task<UpdateServiceResponse> UpdateService(UpdateServiceRequest request, ServerCallContext context)
    {
        ControlRules.ObjectId.Require(request.ServiceId.Length > 0, ServiceKind);
        CommonValidator.Known(request.Rollback, "rollback");
        bool rollback = request.Rollback == UpdateServiceRequest.Types.Rollback.Previous;
        if (!rollback)
        {
            ServiceSpecValidator.Validate(request.Spec);
        }

        return WriteAsync<UpdateServiceResponse>("UpdateService", context, tx =>
        {
            Service stored = ReadForUpdate<Service>(tx, ServiceKind, request.ServiceId, request.ServiceVersion);
            tx.Update(rollback ? ServiceCommands.RollBack(tx, stored) : ServiceCommands.Update(tx, stored, request.Spec));
            return Left<Service, UpdateServiceResponse>(tx, stored.Id, static o => new() { Service = o });
        });
    }

    /// <inheritdoc/>
    public override Task<RemoveServiceResponse> RemoveService(RemoveServiceRequest request, ServerCallContext context)
    {
        ControlRules.ObjectId.Require(request.ServiceId.Length > 0, ServiceKind);
        return WriteAsync<RemoveServiceResponse>("RemoveService", context, tx =>
        {
            // The row goes at once; the controllers see that and have its tasks stopped and deleted.
            tx.Remove<Service>(Read<Service>(tx, ServiceKind, request.ServiceId).Id);
            return static _ => new RemoveServiceResponse();
        });
    }

    /// <inheritdoc/>
    public override Task<ListServiceStatusesResponse> ListServiceStatuses(
        ListServiceStatusesRequest request, ServerCallContext context)
    {
        StoreView state = State;
        var statuses = request.Services.Select(id => ServiceStatuses.Of(state, id));
        return Bounded(new ListServiceStatusesResponse { Statuses = { statuses } });
    }
}
