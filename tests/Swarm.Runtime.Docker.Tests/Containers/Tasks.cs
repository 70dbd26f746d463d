// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Runtime.Docker.Containers;

namespace Swarm.Runtime.Docker.Tests.Containers;

/// <summary>Tasks and contexts to plan with.</summary>
internal static class Tasks
{
    public const string Directory = "/run/of-the-node";

    public static Api.Task Of(Action<ContainerSpec>? with = null, Action<Api.Task>? and = null)
    {
        var task = new Api.Task
        {
            Id = "taskid", ServiceId = "serviceid", NodeId = "nodeid", Slot = 3,
            ServiceAnnotations = new Annotations { Name = "web", Labels = { ["tier"] = "front" } },
            Spec = new TaskSpec { Container = new ContainerSpec { Image = "busybox" } },
        };
        with?.Invoke(task.Spec.Container);
        and?.Invoke(task);
        return task;
    }

    public static ContainerPlan Plan(Api.Task task, string engine = "1.47", string? directory = Directory, ITaskDependencies? dependencies = null) =>
        ContainerPlanner.Plan(task, new ContainerPlanContext(
            "owner", EngineApiVersion.Parse(engine), directory, dependencies ?? new Dependencies()) { Node = Node });

    public static TaskControllerException Refusal(Api.Task task, string engine = "1.47", string? directory = Directory) =>
        Assert.Throws<TaskControllerException>(() => Plan(task, engine, directory));

    private static NodeDescription Node { get; } =
        new() { Hostname = "host", Platform = new Platform { Architecture = "amd64", Os = "linux" } };

    /// <summary>Every secret and config but "none".</summary>
    internal sealed class Dependencies : ITaskDependencies
    {
        public string? Templating { get; init; }

        public ByteString Data { get; init; } = ByteString.CopyFromUtf8("data");

        public Secret? GetSecret(string id) => id == "none" ? null : new Secret { Id = id, Spec = new SecretSpec { Data = Data } };

        public Config? GetConfig(string id) => id == "none" ? null : new Config
        {
            Id = id,
            Spec = new ConfigSpec { Data = Data, Templating = Templating is null ? null : new Driver { Name = Templating } },
        };
    }
}
