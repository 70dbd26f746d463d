// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;

namespace Swarm.Runtime.Docker.Tests.Engine;

/// <summary>A task of node "node", and its container as an engine tells of it.</summary>
internal static class OneContainer
{
    public const string Id = "c1";

    public static Api.Task Task(Action<Api.ContainerSpec>? change = null)
    {
        var spec = new Api.ContainerSpec { Image = "busybox" };
        change?.Invoke(spec);
        return new Api.Task
        {
            Id = "task1", NodeId = "node", ServiceId = "service1", Slot = 1, ServiceAnnotations = new Api.Annotations { Name = "web" },
            Spec = new Api.TaskSpec { Container = spec },
        };
    }

    public static Dictionary<string, string> Labels(string taskId = "task1", string node = "node") => new()
    {
        ["swarm.owner.node.id"] = node, ["com.docker.swarm.task.id"] = taskId,
    };

    public static string Inspection(object state, bool tty = false, int? stopTimeout = null, string id = Id, string taskId = "task1") =>
        JsonSerializer.Serialize(new
        {
            Id = id, Name = "/web.1.task1", State = state, Config = new { Labels = Labels(taskId), Tty = tty, StopTimeout = stopTimeout },
        });

    public static object Running => new { Status = "running", Running = true, StartedAt = "2026-01-01T00:00:00Z" };

    public static object Ended(int code = 0, bool outOfMemory = false, string error = "") => new
    {
        Status = "exited", Running = false, ExitCode = code, OOMKilled = outOfMemory, Error = error, StartedAt = "2026-01-01T00:00:00Z",
        FinishedAt = "2026-01-01T00:00:01Z",
    };

    public static ITaskController ControllerOf(DockerExecutor executor, Api.Task task) =>
        executor.CreateController(task, NoTaskDependencies.Instance);
}
