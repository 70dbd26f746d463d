// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;

namespace Swarm.Manager.Tests;

/// <summary>Small objects for tests.</summary>
internal static class TestObjects
{
    public static Node Node(string id, NodeStatus.Types.State state = NodeStatus.Types.State.Unknown) => new()
    {
        Id = id,
        Spec = new NodeSpec { Annotations = new Annotations(), Membership = NodeSpec.Types.Membership.Accepted },
        Status = new NodeStatus { State = state },
    };

    public static Api.Task Task(string id, string nodeId, TaskState state = TaskState.Assigned, params string[] secrets)
    {
        var container = new ContainerSpec { Image = "nginx" };
        container.Secrets.AddRange(secrets.Select(secret => new SecretReference { SecretId = secret, SecretName = secret }));
        return new Api.Task
        {
            Id = id,
            NodeId = nodeId,
            ServiceId = "service",
            ServiceAnnotations = new Annotations { Name = "web" },
            Slot = 1,
            DesiredState = TaskState.Running,
            Spec = new TaskSpec { Container = container },
            Status = new Api.TaskStatus { State = state },
        };
    }

    public static Api.Task WithState(this Api.Task task, TaskState state) => task.WithStatus(new Api.TaskStatus { State = state });

    public static Secret Secret(string id, int size = 3) => new()
    {
        Id = id,
        Spec = new SecretSpec { Annotations = new Annotations { Name = id }, Data = ByteString.CopyFrom(new byte[size]) },
    };

    public static Config Config(string id, int size = 3) => new()
    {
        Id = id,
        Spec = new ConfigSpec { Annotations = new Annotations { Name = id }, Data = ByteString.CopyFrom(new byte[size]) },
    };

    public static Cluster Cluster() => new()
    {
        Id = "cluster",
        Spec = ClusterBootstrap.DefaultSpec,
        RootCa = new RootCA { CaCert = ByteString.CopyFromUtf8("root") },
    };
}
