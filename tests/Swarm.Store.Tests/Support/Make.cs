// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Store.Tests.Support;

/// <summary>Short ways to make objects.</summary>
internal static class Make
{
    public static Service Service(string id, string name, ulong replicas = 1, string? mark = null)
    {
        var spec = new ServiceSpec { Annotations = new() { Name = name }, Task = new(), Replicated = new() { Replicas = replicas } };
        if (mark is not null)
        {
            spec.Annotations.Labels["mark"] = mark;
        }

        return new() { Id = id, Spec = spec };
    }

    public static Api.Task Task(
        string id, string serviceId, ulong slot = 0, string nodeId = "", TaskState desired = TaskState.Running) => new()
    {
        Id = id,
        ServiceId = serviceId,
        Slot = slot,
        NodeId = nodeId,
        DesiredState = desired,
        Spec = new(),
        Status = new() { State = TaskState.New },
        ServiceAnnotations = new() { Name = serviceId },
    };

    public static IStoreObject Named(ObjectKind kind, string id, string name) => kind switch
    {
        ObjectKind.Node => new Node { Id = id, Spec = new() { Annotations = new() { Name = name } } },
        ObjectKind.Service => Service(id, name),
        ObjectKind.Task => Task(id, name),
        ObjectKind.Network => new Network { Id = id, Spec = new() { Annotations = new() { Name = name } } },
        ObjectKind.Cluster => new Cluster { Id = id, Spec = new() { Annotations = new() { Name = name } } },
        ObjectKind.Secret => new Secret { Id = id, Spec = new() { Annotations = new() { Name = name } } },
        ObjectKind.Config => new Config { Id = id, Spec = new() { Annotations = new() { Name = name } } },
        ObjectKind.Resource => new Resource { Id = id, Annotations = new() { Name = name }, Kind = "thing" },
        ObjectKind.Extension => new Extension { Id = id, Annotations = new() { Name = name } },
        ObjectKind.Volume => new Volume { Id = id, Spec = new() { Annotations = new() { Name = name } } },
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static string Mark(this Service service) => service.Spec.Annotations.Labels.TryGetValue("mark", out string? mark) ? mark : "";
}
