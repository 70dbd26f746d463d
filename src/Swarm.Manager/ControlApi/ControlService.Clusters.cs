// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;
using Swarm.Manager.ControlApi;
using Swarm.Manager.ControlApi.Validation;
using Swarm.Security;
using Swarm.Store;

namespace Swarm.Manager;

/// <content>The cluster object.</content>
public sealed partial class ControlService
{
    private const string ClusterKind = "cluster";

    /// <inheritdoc/>
    public override Task<GetClusterResponse> GetCluster(GetClusterRequest request, ServerCallContext context) =>
        Answer(new GetClusterResponse { Cluster = Redaction.Cluster(Read<Cluster>(State, ClusterKind, request.ClusterId)) });

    /// <inheritdoc/>
    public override Task<ListClustersResponse> ListClusters(ListClustersRequest request, ServerCallContext context)
    {
        ListClustersRequest.Types.Filters filters = request.Filters ?? new();
        IEnumerable<Cluster> clusters = ListFilter.ByIdPrefixes<Cluster>(State, filters.IdPrefixes)
            .Where(c => ListFilter.Annotations(c.Spec?.Annotations, filters.Names, filters.NamePrefixes, filters.Labels))
            .Select(Redaction.Cluster);
        return Bounded(new ListClustersResponse { Clusters = { clusters } });
    }

    /// <inheritdoc/>
    public override Task<UpdateClusterResponse> UpdateCluster(UpdateClusterRequest request, ServerCallContext context)
    {
        ControlRules.ObjectId.Require(request.ClusterId.Length > 0, ClusterKind);
        ClusterSpecValidator.Validate(request.Spec);
        KeyRotation rotation = request.Rotation ?? new KeyRotation();
        ControlRules.ClusterUnlockKey.Require(!rotation.ManagerUnlockKey);

        // Drawn before the command: an atom may run twice, and must find the same secrets.
        byte[]? worker = rotation.WorkerJoinToken ? _issuer.CreateTokenSecret() : null;
        byte[]? manager = rotation.ManagerJoinToken ? _issuer.CreateTokenSecret() : null;
        return WriteAsync<UpdateClusterResponse>("UpdateCluster", context, tx =>
        {
            Cluster stored = ReadForUpdate<Cluster>(tx, ClusterKind, request.ClusterId, request.ClusterVersion);
            tx.Update(Change(stored, request.Spec, worker, manager));
            return Left<Cluster, UpdateClusterResponse>(tx, stored.Id, static o => new() { Cluster = Redaction.Cluster(o) });
        });
    }

    private static Cluster Change(Cluster stored, ClusterSpec wanted, byte[]? worker, byte[]? manager)
    {
        ClusterSpec before = stored.Spec ?? new ClusterSpec();
        ClusterSpecValidator.Change(before, wanted);

        // Answers hide the signing key, so a spec that was read and sent back comes without it.
        ClusterSpec spec = wanted.CaConfig is { } authority && before.CaConfig is { SigningCaKey.IsEmpty: false } kept
            ? wanted.WithCaConfig(authority.WithSigningCaKey(kept.SigningCaKey))
            : wanted;
        Cluster updated = stored.WithSpec(spec);
        if (worker is null && manager is null)
        {
            return updated;
        }

        RootCA root = stored.RootCa ?? new RootCA();
        JoinTokens tokens = (root.JoinTokens ?? new JoinTokens()).ShallowCopy();
        tokens.Worker = worker is null ? tokens.Worker : JoinToken.Create(root.CaCert, worker).Text;
        tokens.Manager = manager is null ? tokens.Manager : JoinToken.Create(root.CaCert, manager).Text;
        updated.RootCa = root.WithJoinTokens(tokens);
        return updated;
    }
}
