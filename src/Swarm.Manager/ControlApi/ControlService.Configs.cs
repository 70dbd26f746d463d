// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;
using Swarm.Manager.ControlApi;
using Swarm.Manager.ControlApi.Validation;
using Swarm.Store;

namespace Swarm.Manager;

/// <content>Configs.</content>
public sealed partial class ControlService
{
    private const string ConfigKind = "config";

    /// <inheritdoc/>
    public override Task<GetConfigResponse> GetConfig(GetConfigRequest request, ServerCallContext context) =>
        Answer(new GetConfigResponse { Config = Read<Config>(State, ConfigKind, request.ConfigId) });

    /// <inheritdoc/>
    public override Task<ListConfigsResponse> ListConfigs(ListConfigsRequest request, ServerCallContext context)
    {
        ListConfigsRequest.Types.Filters filters = request.Filters ?? new();
        IEnumerable<Config> configs = ListFilter.ByIdPrefixes<Config>(State, filters.IdPrefixes)
            .Where(o => ListFilter.Annotations(o.Spec?.Annotations, filters.Names, filters.NamePrefixes, filters.Labels));
        return Bounded(new ListConfigsResponse { Configs = { configs } });
    }

    /// <inheritdoc/>
    public override Task<CreateConfigResponse> CreateConfig(CreateConfigRequest request, ServerCallContext context)
    {
        DataSpecValidator.Config(request.Spec);
        return WriteAsync<CreateConfigResponse>("CreateConfig", context, tx =>
        {
            RequireFreeName<Config>(tx, ConfigKind, request.Spec.Annotations.Name);
            string id = tx.Ids.NewId();
            tx.Create(new Config { Id = id, Spec = request.Spec });
            return Left<Config, CreateConfigResponse>(tx, id, static o => new() { Config = o });
        });
    }

    /// <inheritdoc/>
    public override Task<UpdateConfigResponse> UpdateConfig(UpdateConfigRequest request, ServerCallContext context)
    {
        ControlRules.ObjectId.Require(request.ConfigId.Length > 0, ConfigKind);
        ControlRules.SpecPresent.Require(request.Spec is not null, ConfigKind);
        return WriteAsync<UpdateConfigResponse>("UpdateConfig", context, tx =>
        {
            Config stored = ReadForUpdate<Config>(tx, ConfigKind, request.ConfigId, request.ConfigVersion);
            ControlRules.DataFixed.Require(OnlyLabelsDiffer(stored.Spec, request.Spec!));
            tx.Update(stored.WithSpec(stored.Spec.WithAnnotations(
                stored.Spec.Annotations.WithLabels(request.Spec!.Annotations.Labels))));
            return Left<Config, UpdateConfigResponse>(tx, stored.Id, static o => new() { Config = o });
        });
    }

    /// <inheritdoc/>
    public override Task<RemoveConfigResponse> RemoveConfig(RemoveConfigRequest request, ServerCallContext context)
    {
        ControlRules.ObjectId.Require(request.ConfigId.Length > 0, ConfigKind);
        return WriteAsync<RemoveConfigResponse>("RemoveConfig", context, tx =>
        {
            Config stored = Read<Config>(tx, ConfigKind, request.ConfigId);
            RequireUnused(tx.ServicesByConfig(stored.Id), ConfigKind, stored.Spec?.Annotations?.Name ?? "");
            tx.Remove<Config>(stored.Id);
            return static _ => new RemoveConfigResponse();
        });
    }

    private static bool OnlyLabelsDiffer(ConfigSpec stored, ConfigSpec wanted) =>
        wanted.Annotations?.Name == stored.Annotations?.Name
        && (wanted.Data.IsEmpty || wanted.Data.Equals(stored.Data))
        && Equals(wanted.Templating, stored.Templating);
}
