// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;
using Swarm.Manager.ControlApi;
using Swarm.Manager.ControlApi.Validation;
using Swarm.Store;

namespace Swarm.Manager;

/// <content>Secrets; their data never leaves in an answer.</content>
public sealed partial class ControlService
{
    private const string SecretKind = "secret";

    /// <inheritdoc/>
    public override Task<GetSecretResponse> GetSecret(GetSecretRequest request, ServerCallContext context) =>
        Answer(new GetSecretResponse { Secret = Redaction.Secret(Read<Secret>(State, SecretKind, request.SecretId)) });

    /// <inheritdoc/>
    public override Task<ListSecretsResponse> ListSecrets(ListSecretsRequest request, ServerCallContext context)
    {
        ListSecretsRequest.Types.Filters filters = request.Filters ?? new();
        IEnumerable<Secret> secrets = ListFilter.ByIdPrefixes<Secret>(State, filters.IdPrefixes)
            .Where(o => ListFilter.Annotations(o.Spec?.Annotations, filters.Names, filters.NamePrefixes, filters.Labels))
            .Select(Redaction.Secret);
        return Bounded(new ListSecretsResponse { Secrets = { secrets } });
    }

    /// <inheritdoc/>
    public override Task<CreateSecretResponse> CreateSecret(CreateSecretRequest request, ServerCallContext context)
    {
        DataSpecValidator.Secret(request.Spec);
        return WriteAsync<CreateSecretResponse>("CreateSecret", context, tx =>
        {
            RequireFreeName<Secret>(tx, SecretKind, request.Spec.Annotations.Name);
            string id = tx.Ids.NewId();
            tx.Create(new Secret { Id = id, Spec = request.Spec });
            return Left<Secret, CreateSecretResponse>(tx, id, static o => new() { Secret = Redaction.Secret(o) });
        });
    }

    /// <inheritdoc/>
    public override Task<UpdateSecretResponse> UpdateSecret(UpdateSecretRequest request, ServerCallContext context)
    {
        ControlRules.ObjectId.Require(request.SecretId.Length > 0, SecretKind);
        ControlRules.SpecPresent.Require(request.Spec is not null, SecretKind);
        return WriteAsync<UpdateSecretResponse>("UpdateSecret", context, tx =>
        {
            Secret stored = ReadForUpdate<Secret>(tx, SecretKind, request.SecretId, request.SecretVersion);
            ControlRules.DataFixed.Require(OnlyLabelsDiffer(stored.Spec, request.Spec!));
            tx.Update(stored.WithSpec(stored.Spec.WithAnnotations(
                stored.Spec.Annotations.WithLabels(request.Spec!.Annotations.Labels))));
            return Left<Secret, UpdateSecretResponse>(tx, stored.Id, static o => new() { Secret = Redaction.Secret(o) });
        });
    }

    /// <inheritdoc/>
    public override Task<RemoveSecretResponse> RemoveSecret(RemoveSecretRequest request, ServerCallContext context)
    {
        ControlRules.ObjectId.Require(request.SecretId.Length > 0, SecretKind);
        return WriteAsync<RemoveSecretResponse>("RemoveSecret", context, tx =>
        {
            Secret stored = Read<Secret>(tx, SecretKind, request.SecretId);
            RequireUnused(tx.ServicesBySecret(stored.Id), SecretKind, stored.Spec?.Annotations?.Name ?? "");
            tx.Remove<Secret>(stored.Id);
            return static _ => new RemoveSecretResponse();
        });
    }

    // Answers come without the data, so a spec that was read and sent back has none.
    private static bool OnlyLabelsDiffer(SecretSpec stored, SecretSpec wanted) =>
        wanted.Annotations?.Name == stored.Annotations?.Name
        && (wanted.Data.IsEmpty || wanted.Data.Equals(stored.Data))
        && Equals(wanted.Templating, stored.Templating)
        && Equals(wanted.Driver, stored.Driver);

    private static void RequireUnused(IEnumerable<Service> users, string kind, string name)
    {
        string[] names = [.. users.Select(static s => s.Spec?.Annotations?.Name ?? s.Id).Distinct().Order(StringComparer.Ordinal)];
        ControlRules.DataInUse.Require(
            names.Length == 0, kind, name, names.Length == 1 ? "service" : "services", string.Join(", ", names));
    }
}
