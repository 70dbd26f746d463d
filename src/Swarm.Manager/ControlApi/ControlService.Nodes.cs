// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;
using Swarm.Manager.ControlApi;
using Swarm.Manager.ControlApi.Validation;
using Swarm.Store;

namespace Swarm.Manager;

/// <content>Nodes.</content>
public sealed partial class ControlService
{
    private const string NodeKind = "node";

    /// <inheritdoc/>
    public override Task<GetNodeResponse> GetNode(GetNodeRequest request, ServerCallContext context) =>
        Answer(new GetNodeResponse { Node = _roster.Fill(Read<Node>(State, NodeKind, request.NodeId)) });

    /// <inheritdoc/>
    public override Task<ListNodesResponse> ListNodes(ListNodesRequest request, ServerCallContext context)
    {
        ListNodesRequest.Types.Filters filters = request.Filters ?? new();
        IEnumerable<Node> nodes = ListFilter.ByIdPrefixes<Node>(State, filters.IdPrefixes).Where(n =>
            ListFilter.Is(n.Description?.Hostname ?? "", filters.Names)
            && ListFilter.StartsWith(n.Description?.Hostname ?? "", filters.NamePrefixes)
            && ListFilter.HasLabels(n.Description?.Engine?.Labels, filters.Labels)
            && ListFilter.HasLabels(n.Spec?.Annotations?.Labels, filters.NodeLabels)
            && ListFilter.Is(n.Spec?.Membership ?? NodeSpec.Types.Membership.Pending, filters.Memberships)
            && ListFilter.Is(n.Role, filters.Roles));
        return Bounded(new ListNodesResponse { Nodes = { nodes.Select(_roster.Fill) } });
    }

    /// <inheritdoc/>
    public override Task<UpdateNodeResponse> UpdateNode(UpdateNodeRequest request, ServerCallContext context)
    {
        ControlRules.ObjectId.Require(request.NodeId.Length > 0, NodeKind);
        NodeSpecValidator.Validate(request.Spec);
        return WriteAsync<UpdateNodeResponse>("UpdateNode", context, tx =>
        {
            Node stored = ReadForUpdate<Node>(tx, NodeKind, request.NodeId, request.NodeVersion);
            NodeCommands.CheckRole(tx, stored, request.Spec.DesiredRole);
            tx.Update(stored.WithSpec(request.Spec));
            return Left<Node, UpdateNodeResponse>(tx, stored.Id, o => new() { Node = _roster.Fill(o) });
        });
    }

    /// <inheritdoc/>
    public override Task<RemoveNodeResponse> RemoveNode(RemoveNodeRequest request, ServerCallContext context)
    {
        ControlRules.ObjectId.Require(request.NodeId.Length > 0, NodeKind);
        return WriteAsync<RemoveNodeResponse>("RemoveNode", context, tx =>
        {
            NodeCommands.Remove(tx, Read<Node>(tx, NodeKind, request.NodeId), request.Force, _issuer);
            return static _ => new RemoveNodeResponse();
        });
    }
}
