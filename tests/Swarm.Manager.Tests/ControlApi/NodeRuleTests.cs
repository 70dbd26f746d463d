// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Manager.ControlApi.Validation;

namespace Swarm.Manager.Tests.ControlApi;

/// <summary>The rules of nodes.</summary>
public sealed class NodeRuleTests
{
    [Fact]
    public async Task NodeLastManager_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Node manager = await PutAsync(harness, "m1", NodeRole.Manager);

        UpdateNodeResponse response = await UpdateAsync(harness, manager, static s => s.Availability = NodeSpec.Types.Availability.Drain);

        Assert.Equal(NodeSpec.Types.Availability.Drain, response.Node.Spec.Availability);
    }

    [Fact]
    public async Task NodeLastManager_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Node manager = await PutAsync(harness, "m1", NodeRole.Manager);
        await PutAsync(harness, "w1", NodeRole.Worker);

        await ControlRules.NodeLastManager.RefusesAsync(() => UpdateAsync(harness, manager, static s => s.DesiredRole = NodeRole.Worker));
    }

    [Fact]
    public async Task NodeDemoteLater_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Node worker = await PutAsync(harness, "w1", NodeRole.Worker);

        await UpdateAsync(harness, worker, static s => s.DesiredRole = NodeRole.Worker);
    }

    [Fact]
    public async Task NodeDemoteLater_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Node manager = await PutAsync(harness, "m1", NodeRole.Manager);
        await PutAsync(harness, "m2", NodeRole.Manager);

        await ControlRules.NodeDemoteLater.RefusesAsync(() => UpdateAsync(harness, manager, static s => s.DesiredRole = NodeRole.Worker));
    }

    [Fact]
    public async Task NodePromoteLater_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Node manager = await PutAsync(harness, "m1", NodeRole.Manager);

        await UpdateAsync(harness, manager, static s => s.DesiredRole = NodeRole.Manager);
    }

    [Fact]
    public async Task NodePromoteLater_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Node worker = await PutAsync(harness, "w1", NodeRole.Worker);

        await ControlRules.NodePromoteLater.RefusesAsync(() => UpdateAsync(harness, worker, static s => s.DesiredRole = NodeRole.Manager));
    }

    [Fact]
    public async Task NodeRemoveManager_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await PutAsync(harness, "w1", NodeRole.Worker);

        await RemoveAsync(harness, "w1");

        Assert.Null(harness.State.Get<Node>("w1"));
    }

    [Fact]
    public async Task NodeRemoveManager_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await PutAsync(harness, "m1", NodeRole.Manager);

        await ControlRules.NodeRemoveManager.RefusesAsync(() => RemoveAsync(harness, "m1", force: true));
    }

    [Fact]
    public async Task NodeRemoveReady_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await PutAsync(harness, "down", NodeRole.Worker);
        await PutAsync(harness, "forced", NodeRole.Worker, NodeStatus.Types.State.Ready);

        await RemoveAsync(harness, "down");
        await RemoveAsync(harness, "forced", force: true);

        Assert.Equal(0, harness.State.Count<Node>());
    }

    [Fact]
    public async Task NodeRemoveReady_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await PutAsync(harness, "w1", NodeRole.Worker, NodeStatus.Types.State.Ready);

        await ControlRules.NodeRemoveReady.RefusesAsync(() => RemoveAsync(harness, "w1"));
    }

    [Fact]
    public async Task RemoveNode_BlocksItsCertificate()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await harness.PutClusterAsync();
        await PutAsync(harness, "w1", NodeRole.Worker);

        await RemoveAsync(harness, "w1");

        BlacklistedCertificate entry = harness.State.Get<Cluster>("cluster")!.BlacklistedCertificates["w1"];
        Assert.Equal(harness.Time.GetUtcNow() + TimeSpan.FromDays(90), entry.Expiry.ToDateTimeOffset());
    }

    [Fact]
    public async Task RemoveNode_WithMoreTasksThanALogEntryTakes_IsDone()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await PutAsync(harness, "w1", NodeRole.Worker);
        for (int i = 0; i < 8; i++)
        {
            await harness.PutAsync(new Api.Task
            {
                Id = "t" + i,
                NodeId = "w1",
                Status = new Api.TaskStatus { State = TaskState.Running },
                Annotations = new Annotations { Labels = { ["big"] = new string('x', 200 * 1024) } },
            });
        }

        await RemoveAsync(harness, "w1");

        Assert.Null(harness.State.Get<Node>("w1"));
    }

    private static Task<Node> PutAsync(
        ControlHarness harness, string id, NodeRole role, NodeStatus.Types.State state = NodeStatus.Types.State.Down) =>
        harness.PutAsync(new Node
        {
            Id = id,
            Spec = new NodeSpec { DesiredRole = role, Membership = NodeSpec.Types.Membership.Accepted },
            Role = role,
            Status = new NodeStatus { State = state },
        });

    private static async Task<UpdateNodeResponse> UpdateAsync(ControlHarness harness, Node node, Action<NodeSpec> change)
    {
        NodeSpec spec = node.Spec.Clone();
        change(spec);
        return await harness.Control.UpdateNode(
            new UpdateNodeRequest { NodeId = node.Id, NodeVersion = node.Meta.Version, Spec = spec }, harness.Context);
    }

    private static async Task RemoveAsync(ControlHarness harness, string id, bool force = false) =>
        await harness.Control.RemoveNode(new RemoveNodeRequest { NodeId = id, Force = force }, harness.Context);
}
