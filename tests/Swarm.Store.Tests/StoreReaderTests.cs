// SPDX-License-Identifier: Apache-2.0
using CsCheck;
using Swarm.Api;
using Swarm.Core;
using Swarm.Store.Tables;
using Swarm.Store.Tests.Support;

namespace Swarm.Store.Tests;

public sealed class StoreReaderTests
{
    private static readonly Gen<Api.Task> Tasks = Gen.Select(
        Gen.Int[0, 60], Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[0, 4],
        Gen.Bool.Select(b => b ? TaskState.Running : TaskState.Shutdown), Gen.Int[0, 63],
        (id, service, slot, node, desired, references) =>
        {
            Api.Task task = Make.Task($"t{id:00}", $"s{service}", (ulong)slot, node == 0 ? "" : $"n{node}", desired);
            task.Spec = Spec(references);
            if ((references & 32) != 0)
            {
                task.Networks.Add(new NetworkAttachment { Network = new() { Id = "net2" } });
            }

            return task;
        });

    [Fact]
    public void TaskIndexes_AfterAnyHistory_EqualASearchThroughAll() => Gen.Select(Tasks, Gen.Bool).Array[0, 200].Sample(
        history =>
        {
            var model = new SortedDictionary<string, Api.Task>(StringComparer.Ordinal);
            var editor = new RootEditor(StoreRoot.Empty);
            foreach ((Api.Task task, bool put) in history)
            {
                model.TryGetValue(task.Id, out Api.Task? old);
                if (put)
                {
                    editor.Put(old, task);
                    model[task.Id] = task;
                }
                else if (old is not null)
                {
                    editor.Put(old, null);
                    model.Remove(task.Id);
                }
            }

            var view = new StoreView(1, editor.Freeze());
            Assert.Equal(model.Values, view.All<Api.Task>());
            for (int i = 0; i < 5; i++)
            {
                string s = $"s{i}";
                string n = i == 0 ? "" : $"n{i}";
                Check(t => t.ServiceId == s, view.TasksByService(s));
                Check(t => t.NodeId == n, view.TasksByNode(n));
                Check(t => t.ServiceId == "s1" && t.NodeId == n, view.TasksByServiceAndNode("s1", n));
                Check(t => t.ServiceId == "s1" && t.Slot == (ulong)i, view.TasksBySlot("s1", (ulong)i));
                Check(t => TaskNaming.Name(t).StartsWith(s + ".2", StringComparison.Ordinal), view.ByNamePrefix<Api.Task>($"S{i}.2"));
            }

            Check(t => t.DesiredState == TaskState.Shutdown, view.TasksByDesiredState(TaskState.Shutdown));
            Check(t => t.Spec.Networks.Any(w => w.Target == "net1"), view.TasksByNetwork("net1"));
            Check(t => t.Networks.Any(w => w.Network.Id == "net2"), view.TasksByNetwork("net2"));
            Check(t => t.Spec.Container?.Secrets.Any() == true || Refers(t, ResourceType.Secret), view.TasksBySecret("sec"));
            Check(t => t.Spec.Container?.Configs.Any() == true || Refers(t, ResourceType.Config), view.TasksByConfig("con"));
            Check(t => t.Id.StartsWith("t1", StringComparison.Ordinal), view.ByIdPrefix<Api.Task>("t1"));

            void Check(Func<Api.Task, bool> wanted, IEnumerable<Api.Task> found) =>
                Assert.Equal(model.Values.Where(wanted), found.OrderBy(t => t.Id, StringComparer.Ordinal));
        },
        iter: 150);

    [Fact]
    public void ServiceAndNodeIndexes_FollowUpdates()
    {
        var editor = new RootEditor(StoreRoot.Empty);
        Service service = Make.Service("s", "web");
        service.Spec.Task = Spec(63);
        editor.Put(null, service);
        Node node = new() { Id = "n", Role = NodeRole.Worker, Spec = new() { Membership = NodeSpec.Types.Membership.Accepted } };
        editor.Put(null, node);
        var before = new StoreView(1, editor.Freeze());
        editor.Put(service, Make.Service("s", "web"));
        Node named = node.WithRole(NodeRole.Manager).WithDescription(new NodeDescription { Hostname = "Host-1" })
            .WithSpec(new NodeSpec { Membership = NodeSpec.Types.Membership.Pending });
        editor.Put(node, named);
        var after = new StoreView(2, editor.Freeze());

        Assert.Equal([service], before.ServicesByNetwork("net1"));
        Assert.Equal([service], before.ServicesBySecret("sec"));
        Assert.Equal([service], before.ServicesByConfig("con"));
        Assert.Empty(after.ServicesByNetwork("net1"));
        Assert.Empty(after.ServicesBySecret("sec"));
        Assert.Empty(after.ServicesByConfig("con"));
        Assert.Equal([node], before.NodesByRole(NodeRole.Worker));
        Assert.Equal([node], before.NodesByMembership(NodeSpec.Types.Membership.Accepted));
        Assert.Empty(after.NodesByRole(NodeRole.Worker));
        Assert.Equal([named], after.NodesByRole(NodeRole.Manager));
        Assert.Equal([named], after.NodesByMembership(NodeSpec.Types.Membership.Pending));
        Assert.Same(named, after.GetByName<Node>("host-1"));
        Assert.Null(before.GetByName<Node>("host-1"));
    }

    [Fact]
    public void Snapshot_SavedAndLoaded_IsTheSameState()
    {
        var editor = new RootEditor(StoreRoot.Empty);
        editor.Put(null, Make.Named(ObjectKind.Extension, "x", "thing"));
        foreach (ObjectKind kind in Enum.GetValues<ObjectKind>())
        {
            editor.Put(null, Make.Named(kind, "a", "one"));
            editor.Put(null, Make.Named(kind, "b", "two"));
        }

        var view = new StoreView(7, editor.Freeze());
        byte[] saved = Google.Protobuf.MessageExtensions.ToByteArray(view.ToSnapshot());
        StoreView loaded = StoreView.FromSnapshot(7, StoreSnapshot.Parser.ParseFrom(saved));

        Assert.Equal(7ul, loaded.Index);
        Assert.Null(Swarm.Store.Writer.EntryVerifier.Difference(view.Root, loaded.Root));
        Assert.Equal(21, Enum.GetValues<ObjectKind>().Sum(k => loaded.Root.Table(k).Objects.Count));
    }

    [Fact]
    public void FromSnapshot_TwoOfAName_IsRefused()
    {
        var snapshot = new StoreSnapshot { Services = { Make.Service("a", "one"), Make.Service("b", "One") } };

        Assert.Equal(SwarmErrorCode.InvalidArgument, Assert.Throws<SwarmException>(() => StoreView.FromSnapshot(1, snapshot)).Code);
    }

    private static bool Refers(Api.Task task, ResourceType type) => task.Spec.ResourceReferences.Any(r => r.ResourceType == type);

    // Each bit of the number is one reference.
    private static TaskSpec Spec(int references)
    {
        var spec = new TaskSpec();
        if ((references & 1) != 0)
        {
            spec.Networks.Add(new NetworkAttachmentConfig { Target = "net1" });
        }

        if ((references & 2) != 0)
        {
            spec.Container = new() { Secrets = { new SecretReference { SecretId = "sec" } } };
        }

        if ((references & 4) != 0)
        {
            spec.Container ??= new();
            spec.Container.Configs.Add(new ConfigReference { ConfigId = "con" });
        }

        if ((references & 8) != 0)
        {
            spec.ResourceReferences.Add(new ResourceReference { ResourceId = "sec", ResourceType = ResourceType.Secret });
        }

        if ((references & 16) != 0)
        {
            spec.ResourceReferences.Add(new ResourceReference { ResourceId = "con", ResourceType = ResourceType.Config });
        }

        return spec;
    }
}
