// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using TaskStatus = Swarm.Api.TaskStatus;

namespace Swarm.Scheduler.Tests;

/// <summary>Short ways to make nodes and tasks.</summary>
internal static class Make
{
    public static readonly DateTimeOffset Now = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static Node Node(string id, long cpus = 8, long memory = 1 << 30, Action<Node>? with = null)
    {
        var node = new Node
        {
            Id = id,
            Role = NodeRole.Worker,
            Spec = new NodeSpec { Annotations = new Annotations(), Availability = NodeSpec.Types.Availability.Active },
            Status = new NodeStatus { State = NodeStatus.Types.State.Ready, Addr = "10.0.0.1" },
            Description = new NodeDescription
            {
                Hostname = "host-" + id,
                Platform = new Platform { Os = "linux", Architecture = "x86_64" },
                Resources = new Resources { NanoCpus = cpus, MemoryBytes = memory },
                Engine = new EngineDescription(),
            },
        };
        with?.Invoke(node);
        return node;
    }

    public static Api.Task Pending(string id, string service = "web", ulong slot = 0, ulong version = 1, Action<Api.Task>? with = null)
    {
        var task = new Api.Task
        {
            Id = id,
            ServiceId = service,
            Slot = slot,
            SpecVersion = service.Length > 0 ? new Api.Version { Index = version } : null,
            DesiredState = TaskState.Running,
            Status = new TaskStatus { State = TaskState.Pending, Timestamp = Timestamp.FromDateTimeOffset(Now) },
            Spec = new TaskSpec { Container = new ContainerSpec(), Placement = new Placement() },
        };
        with?.Invoke(task);
        return task;
    }

    public static Api.Task On(
        string node, string id, string service = "web", TaskState state = TaskState.Running, Action<Api.Task>? with = null) =>
        Pending(id, service, with: task =>
        {
            task.NodeId = node;
            task.Status.State = state;
            with?.Invoke(task);
        });

    public static Action<Api.Task> Reserving(long cpus, long memory = 0, params (string Kind, long Count)[] generic) => task =>
        task.Spec.Resources = new ResourceRequirements
        {
            Reservations = new Resources { NanoCpus = cpus, MemoryBytes = memory,
            Generic = { generic.Select(g => Discrete(g.Kind, g.Count)) } },
        };

    public static Action<Api.Task> Constrained(params string[] constraints) => task =>
        task.Spec.Placement.Constraints.AddRange(constraints);

    public static Action<Api.Task> Publishing(uint port, PortConfig.Types.Protocol protocol = PortConfig.Types.Protocol.Tcp) => task =>
        task.Endpoint = new Endpoint
        {
            Spec = new EndpointSpec
            {
                Ports =
                {
                    new PortConfig
                    {
                        PublishedPort = port, TargetPort = 80, Protocol = protocol, PublishMode = PortConfig.Types.PublishMode.Host,
                    },
                },
            },
        };

    public static GenericResource Discrete(string kind, long count) =>
        new() { DiscreteResourceSpec = new DiscreteGenericResource { Kind = kind, Value = count } };

    public static GenericResource Named(string kind, string name) =>
        new() { NamedResourceSpec = new NamedGenericResource { Kind = kind, Value = name } };

    public static NodeSet Nodes(params Node[] nodes)
    {
        var set = new NodeSet();
        foreach (Node node in nodes)
        {
            set.AddOrUpdateNode(node);
        }

        return set;
    }
}
