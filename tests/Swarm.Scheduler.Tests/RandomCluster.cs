// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Scheduler.Tests;

/// <summary>Makes small clusters in which every rule bites now and then.</summary>
internal sealed class RandomCluster(ulong seed)
{
    private readonly SeededRandom _random = new(seed);
    private int _made;

    public static readonly string[] Services = ["s0", "s1", "s2", "s3"];

    private static readonly TaskState[] States = [TaskState.Assigned, TaskState.Running, TaskState.Failed, TaskState.Complete];

    public int Next(int bound) => _random.Next(bound);

    public bool OneIn(int n) => _random.Next(n) == 0;

    public T Pick<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];

    public Node Node(string id) => Make.Node(id, _random.Next(6), _random.Next(6), n =>
    {
        n.Role = OneIn(3) ? NodeRole.Manager : NodeRole.Worker;
        n.Status.State = OneIn(6) ? NodeStatus.Types.State.Down : NodeStatus.Types.State.Ready;
        n.Spec.Availability = OneIn(6) ? NodeSpec.Types.Availability.Drain : NodeSpec.Types.Availability.Active;
        n.Description.Platform = OneIn(8) ? null : new Platform { Os = OneIn(4) ? "windows" : "linux", Architecture = "amd64" };
        foreach (string label in new[] { "zone", "rack" })
        {
            if (!OneIn(3))
            {
                n.Spec.Annotations.Labels.Add(label, Pick(["a", "b"]));
            }
        }

        foreach (string plugin in new[] { "Runtime/docker", "Runtime/process", "Network/overlay" })
        {
            if (OneIn(2))
            {
                n.Description.Engine.Plugins.Add(new PluginDescription { Type = plugin.Split('/')[0], Name = plugin.Split('/')[1] });
            }
        }

        n.Description.Resources.Generic.AddRange(Enumerable.Range(0, _random.Next(4)).Select(i => Make.Named("gpu", "u" + i)));
        n.Description.Resources.Generic.AddRange(OneIn(2) ? [Make.Discrete("ssd", _random.Next(4))] : []);
    });

    /// <summary>What the tasks of one version of one service are like.</summary>
    public Action<Api.Task> Shape()
    {
        var spec = new TaskSpec { Placement = new Placement() };
        if (OneIn(4))
        {
            spec.Generic = new GenericRuntimeSpec { Kind = "process" };
        }
        else
        {
            spec.Container = new ContainerSpec();
        }

        if (OneIn(2))
        {
            var reserved = new Resources { NanoCpus = _random.Next(3), MemoryBytes = _random.Next(3) };
            spec.Resources = new ResourceRequirements { Reservations = reserved };
            spec.Resources.Reservations.Generic.AddRange(OneIn(4) ? [Make.Discrete("gpu", 1 + _random.Next(2))] : []);
            spec.Resources.Reservations.Generic.AddRange(OneIn(4) ? [Make.Discrete("ssd", 1 + _random.Next(2))] : []);
        }

        spec.Placement.Constraints.AddRange(OneIn(4) ? [Pick(["node.role==worker", "node.labels.zone!=a", "node.labels.rack==b"])] : []);
        spec.Placement.Platforms.AddRange(OneIn(6) ? [new Platform { Os = "linux" }] : []);
        spec.Placement.MaxReplicas = OneIn(4) ? 1UL + (ulong)_random.Next(2) : 0;
        string[] labels = OneIn(3) ? OneIn(2) ? ["node.labels.zone", "node.labels.rack"] : ["node.labels.zone"] : [];
        spec.Placement.Preferences.AddRange(
            labels.Select(l => new PlacementPreference { Spread = new SpreadOver { SpreadDescriptor = l } }));
        Endpoint? endpoint = null;
        if (OneIn(5))
        {
            var ported = new Api.Task();
            Make.Publishing(80 + (uint)_random.Next(2))(ported);
            endpoint = ported.Endpoint;
        }

        bool networked = OneIn(6);
        return task =>
        {
            task.Spec = spec;
            task.Endpoint = endpoint;
            var network = new Network { DriverState = new Driver { Name = "overlay" } };
            task.Networks.AddRange(networked ? [new NetworkAttachment { Network = network }] : []);
        };
    }

    public List<Api.Task> Group(string service, int count, Action<Api.Task> shape, ulong version = 1) =>
        [.. Enumerable.Range(1, count).Select(i => Make.Pending("p" + _made++, service, (ulong)i, version, shape))];

    /// <summary>A task of the first version of a service that failed on a node just now.</summary>
    public Api.Task Failed(string node, string service) => Make.On(node, "f" + _made++, service, TaskState.Failed);

    /// <summary>A task that is on a node already, in some state of its life.</summary>
    public Api.Task Old(string node, Action<Api.Task> shape) =>
        Make.On(node, "o" + _made++, Pick(Services), Pick(States), t =>
        {
            shape(t);
            t.DesiredState = OneIn(4) ? TaskState.Shutdown : TaskState.Running;
            t.Status.Timestamp = Timestamp.FromDateTimeOffset(Make.Now - TimeSpan.FromMinutes(_random.Next(7)));
            t.AssignedGenericResources.AddRange(OneIn(3) ? [Make.Named("gpu", "u" + _random.Next(3))] : []);
            t.AssignedGenericResources.AddRange(OneIn(3) ? [Make.Discrete("ssd", 1)] : []);
        });
}
