// SPDX-License-Identifier: Apache-2.0
using CsCheck;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;

namespace Swarm.Scheduler.Tests;

public sealed class PlacementPropertyTests
{
    [Fact]
    public void Place_RandomClusters_DecidesAsTheModelDoes() =>
        Gen.Select(Gen.ULong, Gen.Int[0, 9], Gen.Int[0, 40], Gen.Int[1, 12]).Sample((seed, nodeCount, oldCount, taskCount) =>
        {
            var cluster = new RandomCluster(seed);
            Node[] nodes = [.. Enumerable.Range(0, nodeCount).Select(i => cluster.Node("n" + i))];
            Action<Api.Task> oldShape = cluster.Shape();
            Api.Task[] old = nodeCount == 0 ? [] :
                [.. Enumerable.Range(0, oldCount).Select(_ => cluster.Old(cluster.Pick(nodes).Id, oldShape))];
            if (nodeCount > 0 && cluster.OneIn(2))
            {
                // A node where one service fails again and again.
                string bad = cluster.Pick(nodes).Id;
                old = [.. old, .. Enumerable.Range(0, 4 + cluster.Next(4)).Select(_ => cluster.Failed(bad, RandomCluster.Services[0]))];
            }

            NodeSet set = Make.Nodes(nodes);
            foreach (Api.Task task in old)
            {
                set.AddOrUpdateTask(task, Make.Now);
            }

            var model = new Model(nodes, old, Make.Now);
            var placer = new TaskPlacer(set);
            Action<Api.Task>[] shapes = [cluster.Shape(), cluster.Shape()];

            // Each shape comes twice, for what was remembered of it must do as well as what was looked for.
            foreach ((string service, Action<Api.Task> shape) in RandomCluster.Services.Zip([.. shapes, .. shapes]))
            {
                List<Api.Task> group = cluster.Group(service, taskCount, shape);
                Assert.Equal(model.Place(group), placer.Place(group, Make.Now).Select(Write));
                Node changed = cluster.Node("n" + cluster.Next(nodeCount + 1));
                model.Change(changed);
                set.AddOrUpdateNode(changed);
            }
        }, iter: 2000);

    [Fact]
    public void Place_ManyDifferentConstraints_KeepsABoundedNumberAndForgetsTheOldest()
    {
        var cluster = new RandomCluster(1);
        Node[] nodes = [.. Enumerable.Range(0, 60).Select(i => Make.Node($"n{i:D2}", cpus: 100))];
        var model = new Model(nodes, [], Make.Now);
        var placer = new TaskPlacer(Make.Nodes(nodes));
        for (int i = 0; i < 400; i++)
        {
            string wanted = "node.id==n" + cluster.Next(i % 2 == 0 ? 10 : 60).ToString("D2", null);
            List<Api.Task> group = cluster.Group($"s{i}", 1, Make.Constrained(wanted, "node.role==worker"));
            Assert.Equal(model.Place(group), placer.Place(group, Make.Now).Select(Write));
        }
    }

    [Fact]
    public void NodeSet_AfterAnyHistory_EqualsOneMadeAnew() =>
        Gen.Select(Gen.ULong, Gen.Int[1, 120]).Sample((seed, steps) =>
        {
            var cluster = new RandomCluster(seed);
            var set = new NodeSet();
            var nodes = new SortedDictionary<string, Node>(StringComparer.Ordinal);
            var tasks = new SortedDictionary<string, Api.Task>(StringComparer.Ordinal);
            Action<Api.Task>[] shapes = [cluster.Shape(), cluster.Shape(), cluster.Shape()];
            for (int step = 0; step < steps; step++)
            {
                Step(cluster, set, nodes, tasks, shapes);
            }

            var anew = new NodeSet();
            foreach (Node node in nodes.Values.Reverse())
            {
                anew.AddOrUpdateNode(node);
            }

            foreach (Api.Task task in tasks.Values.Reverse())
            {
                anew.AddOrUpdateTask(task, Make.Now);
            }

            Assert.Equal(Describe(anew), Describe(set));
        });

    [Fact]
    public void Queue_AfterAnyHistory_LeavesNoTaskWaitingThatFitsSomewhere() =>
        Gen.Select(Gen.ULong, Gen.Int[1, 60]).Sample((seed, steps) =>
        {
            var cluster = new RandomCluster(seed);
            var queue = new PlacementQueue(new PlacementOptions { RefreshesPerRun = 1 });
            var nodes = new SortedDictionary<string, Node>(StringComparer.Ordinal);
            var tasks = new SortedDictionary<string, Api.Task>(StringComparer.Ordinal);
            for (int step = 0; step < steps; step++)
            {
                for (int changes = cluster.Next(3); changes >= 0; changes--)
                {
                    Change(cluster, queue, nodes, tasks, (ulong)((step * 10) + changes));
                }

                int runs = 0;
                while (Run(queue, tasks))
                {
                    Assert.True(++runs < 100, "does not come to rest");
                }

                var model = new Model(nodes.Values, tasks.Values, Make.Now);
                Assert.All(tasks.Values.Where(IsWaiting), task =>
                {
                    Assert.All(nodes.Values.Where(n => task.NodeId is "" || task.NodeId == n.Id),
                        n => Assert.True(model.FirstRefusal(task, n) >= 0));
                    Assert.Equal(task.NodeId is "" ? nodes.Count : 1, queue.ReasonFor(task.Id)!.Counts.Sum(c => c.Nodes));
                    Assert.Equal(queue.ReasonFor(task.Id)!.Text, task.Status.Err);
                });
                Assert.Equal(tasks.Values.Count(IsWaiting), queue.WaitingTasks);
            }
        });

    private static bool IsWaiting(Api.Task task) => task.Status.State == TaskState.Pending;

    private static bool Run(PlacementQueue queue, SortedDictionary<string, Api.Task> tasks)
    {
        var model = tasks;
        return queue.Run(Make.Now, decision =>
        {
            Api.Task written = decision.Apply(new Timestamp());
            Assert.True(IsWaiting(model[written.Id]));
            tasks[written.Id] = written;
            queue.TaskChanged(written, Make.Now);
            return PlacementVerdict.Taken;
        });
    }

    private static void Change(
        RandomCluster cluster, PlacementQueue queue, SortedDictionary<string, Node> nodes,
        SortedDictionary<string, Api.Task> tasks, ulong version)
    {
        switch (cluster.Next(8))
        {
            case 0 or 1:
                Node node = cluster.Node("n" + cluster.Next(5));
                nodes[node.Id] = node;
                queue.NodeChanged(node);
                break;
            case 2 when nodes.Count > 0:
                string gone = cluster.Pick([.. nodes.Keys]);
                nodes.Remove(gone);
                queue.NodeRemoved(gone);
                break;
            case 3 or 4:
                string nodeId = cluster.OneIn(4) ? "n" + cluster.Next(5) : "";
                string service = cluster.Pick(RandomCluster.Services);
                foreach (Api.Task task in cluster.Group(service, 1 + cluster.Next(3), cluster.Shape(), version))
                {
                    task.NodeId = nodeId;
                    tasks[task.Id] = task;
                    queue.TaskChanged(task, Make.Now);
                }

                break;
            default:
                if (tasks.Count == 0)
                {
                    return;
                }

                Api.Task changed = tasks[cluster.Pick([.. tasks.Keys])].Clone();
                if (cluster.OneIn(5))
                {
                    tasks.Remove(changed.Id);
                    queue.TaskRemoved(changed.Id);
                    return;
                }

                // Stopping comes in two steps: not wanted any more, then over.
                changed.Status.State = changed.DesiredState == TaskState.Shutdown || IsWaiting(changed)
                    ? TaskState.Shutdown : changed.Status.State;
                changed.DesiredState = TaskState.Shutdown;
                tasks[changed.Id] = changed;
                queue.TaskChanged(changed, Make.Now);
                break;
        }
    }

    private static void Step(
        RandomCluster cluster, NodeSet set, SortedDictionary<string, Node> nodes,
        SortedDictionary<string, Api.Task> tasks, Action<Api.Task>[] shapes)
    {
        switch (cluster.Next(6))
        {
            case 0:
                Node node = cluster.Node("n" + cluster.Next(6));
                nodes[node.Id] = node;
                set.AddOrUpdateNode(node);
                break;
            case 1 when cluster.OneIn(3):
                string gone = "n" + cluster.Next(6);
                Assert.Equal(nodes.Remove(gone), set.RemoveNode(gone));
                break;
            case 2 when tasks.Count > 0:
                string id = cluster.Pick([.. tasks.Keys]);
                tasks.Remove(id);
                set.RemoveTask(id);
                break;
            default:
                Api.Task task = cluster.Old("n" + cluster.Next(6), cluster.Pick(shapes));
                task.Id = "t" + cluster.Next(20);
                task.Status.State = task.Status.State == TaskState.Failed ? TaskState.Shutdown : task.Status.State;
                tasks[task.Id] = task;
                set.AddOrUpdateTask(task, Make.Now);
                break;
        }
    }

    private static IEnumerable<string> Describe(NodeSet set) =>
        set.Nodes.Select(n => string.Join(
            ' ', n.Id, n.IsReady, n.ActiveTasks, n.FreeNanoCpus, n.FreeMemoryBytes,
            n.FreeGenericResource("gpu"), n.FreeGenericResource("ssd"),
            n.IsHostPortTaken(PortConfig.Types.Protocol.Tcp, 80), n.IsHostPortTaken(PortConfig.Types.Protocol.Tcp, 81), n.HeldTasks,
            string.Join(',', RandomCluster.Services.Select(n.ActiveTasksOf)),
            string.Join(',', RandomCluster.Services.Select(s => set.NodesOf(s).Contains(n)))));

    private static string Write(PlacementDecision decision) => decision.Refusal is { } why
        ? $"{decision.Task.Id}: {why.Text}"
        : $"{decision.Task.Id} {decision.NodeId} {string.Join(",", decision.Claims)}";
}
