// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Api.Ext;
using Version = Swarm.Api.Version;

namespace Swarm.Client.Tests;

/// <summary>Objects to look at.</summary>
internal static class Samples
{
    public static ServiceSpec Spec(string name, ulong replicas = 2) => new()
    {
        Annotations = new Annotations { Name = name },
        Task = new TaskSpec { Container = new ContainerSpec { Image = "busybox:local" } },
        Replicated = new ReplicatedService { Replicas = replicas },
    };

    public static TaskSpec Process(string command) => new()
    {
        Generic = new GenericRuntimeSpec { Kind = "process", Payload = Any.Pack(new ProcessSpec { Command = command }) },
    };

    public static Api.Task Task(
        string id, Service service, ulong slot = 1, TaskState state = TaskState.Running, string node = "n1", string err = "") => new()
        {
            Id = id,
            ServiceId = service.Id,
            Slot = slot,
            NodeId = node,
            Spec = service.Spec.Task,
            SpecVersion = service.SpecVersion,
            DesiredState = TaskState.Running,
            Status = new Api.TaskStatus { State = state, Err = err, Timestamp = Timestamp.FromDateTimeOffset(TestManager.Now) },
        };

    public static Service Service(ulong replicas = 2) => new()
    {
        Id = "s1", Spec = Spec("web", replicas), SpecVersion = new Version { Index = 5 },
    };

    public static Node Node(string id, string host) => new()
    {
        Id = id,
        Spec = new NodeSpec { Membership = NodeSpec.Types.Membership.Accepted },
        Status = new NodeStatus { State = NodeStatus.Types.State.Ready, Addr = "127.0.0.1" },
        Description = new NodeDescription { Hostname = host },
    };
}
