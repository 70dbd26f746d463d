// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using ContainerListResponse = Docker.DotNet.Models.ContainerListResponse;

namespace Swarm.Docker.Tests;

/// <summary>One look at both sides: the tasks that the manager knows, and the containers that exist on the engines, running or not.</summary>
internal sealed class BehaviourView
{
    private readonly IReadOnlyList<Api.Task> _known;
    private readonly IReadOnlyList<(int Engine, ContainerListResponse Container)> _containers;
    private readonly (string Task, int Engine)[] _believed;

    public BehaviourView(
        IReadOnlyList<Api.Task> known,
        IReadOnlyDictionary<string, int> engineOfNode,
        IReadOnlyList<(int Engine, ContainerListResponse Container)> containers)
    {
        _known = known;
        _containers = containers;
        Dictionary<string, ulong> wanted = known
            .Where(t => t.DesiredState == TaskState.Running && t.Status.State == TaskState.Running)
            .ToDictionary(t => t.Id, t => t.Slot);
        _believed = [.. known.Where(t => wanted.ContainsKey(t.Id)).Select(t => (t.Id, engineOfNode.GetValueOrDefault(t.NodeId, -1)))];
        Running = [.. containers.Where(c => c.Container.State == "running")
            .Select(c => (Id: TaskOf(c.Container), c.Engine, c.Container.ID))
            .Select(c => new BehaviourTask(c.Id, wanted.GetValueOrDefault(c.Id, ulong.MaxValue), c.Engine, c.ID))
            .OrderBy(t => t.Id, StringComparer.Ordinal)];
    }

    /// <summary>What really runs, by the tasks' ids. Equal to that of an earlier look only if nothing was moved, restarted or doubled.</summary>
    public IReadOnlyList<BehaviourTask> Running { get; }

    /// <summary>How many containers there are, those that ended too.</summary>
    public int Containers => _containers.Count;

    /// <summary>How many tasks the manager knows, those that ended too.</summary>
    public int Known => _known.Count;

    /// <summary>
    /// Whether each task that the manager holds for running has exactly one running container, on its node's engine, no other container
    /// runs, and none is left of a task that was removed.
    /// </summary>
    public bool Agrees =>
        _believed.Order().SequenceEqual(Running.Select(t => (t.Id, t.Engine)).Order())
        && _containers.All(c => _known.Any(t => t.Id == TaskOf(c.Container)));

    /// <summary>What runs on one engine.</summary>
    public IReadOnlyList<BehaviourTask> On(int engine) => [.. Running.Where(t => t.Engine == engine)];

    public override string ToString() => string.Join('\n', [
        .. _known.Select(t => $"task {t.Id} slot {t.Slot} wanted {t.DesiredState} is {t.Status.State} {t.Status.Err} node {t.NodeId}"),
        .. _containers.Select(c => $"engine {c.Engine} {c.Container.State} {string.Join(' ', c.Container.Names)}"),
    ]);

    private static string TaskOf(ContainerListResponse container) => container.Labels.TryGetValue("com.docker.swarm.task.id", out string? id) ? id : "";
}
