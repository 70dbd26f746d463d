// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Scheduler.Tests;

/// <summary>
/// Placement written straight from its rules: every question looks at all nodes and all tasks again. Shares no code with what it
/// is the model of, but for reading one constraint.
/// </summary>
internal sealed class Model(IEnumerable<Node> nodes, IEnumerable<Api.Task> tasks, DateTimeOffset now)
{
    private readonly List<Node> _nodes = [.. nodes];
    private readonly List<Api.Task> _tasks = [.. tasks];

    /// <summary>The order of filters, with the texts for one node.</summary>
    private static readonly string[] Reasons =
    [
        "not available for new tasks", "insufficient resources", "missing plugin", "scheduling constraints not satisfied",
        "unsupported platform", "host-mode port already in use", "max replicas per node limit exceed",
    ];

    public IReadOnlyList<Api.Task> Tasks => _tasks;

    public void Change(Node node)
    {
        _nodes.RemoveAll(n => n.Id == node.Id);
        _nodes.Add(node);
    }

    /// <summary>Places tasks one after the other; gives "task node claims" or "task: reasons".</summary>
    public List<string> Place(IReadOnlyList<Api.Task> group)
    {
        var log = new List<string>();
        foreach (Api.Task task in group)
        {
            List<Node> fitting = [.. _nodes.Where(n => FirstRefusal(task, n) < 0)];
            if (fitting.Count == 0)
            {
                log.Add($"{task.Id}: {Explain(task)}");
                continue;
            }

            string[] labels = [.. task.Spec.Placement.Preferences.Select(p => p.Spread.SpreadDescriptor)];
            Node best = Best(task, labels, _nodes, fitting);
            Api.Task placed = task.Clone();
            placed.NodeId = best.Id;
            placed.Status.State = TaskState.Assigned;
            placed.AssignedGenericResources.AddRange(Claims(task, best));
            _tasks.Add(placed);
            log.Add($"{task.Id} {best.Id} {string.Join(",", placed.AssignedGenericResources)}");
        }

        return log;
    }

    public int FirstRefusal(Api.Task task, Node node)
    {
        bool[] refusals =
        [
            node.Status.State != NodeStatus.Types.State.Ready || node.Spec.Availability != NodeSpec.Types.Availability.Active,
            !HasResources(task, node), !HasPlugins(task, node),
            !task.Spec.Placement.Constraints.All(c => ConstraintExpression.Parse(c).Matches(node)),
            task.Spec.Placement.Platforms.Count > 0 && !task.Spec.Placement.Platforms.Any(p => p.Os == node.Description.Platform?.Os),
            HostPorts(task).Intersect(HoldersOn(node).SelectMany(HostPorts)).Any(),
            task.Spec.Placement.MaxReplicas > 0 && (ulong)ActiveOn(node).Count(t => t.ServiceId == task.ServiceId)
                >= task.Spec.Placement.MaxReplicas,
        ];
        return Array.IndexOf(refusals, true);
    }

    public string Explain(Api.Task task)
    {
        IEnumerable<string> reasons = _nodes.GroupBy(n => FirstRefusal(task, n)).OrderByDescending(g => g.Count()).ThenBy(g => g.Key)
            .Select(g => (g.Key, Nodes: g.Count() == 1 ? "1 node" : g.Count() + " nodes"))
            .Select(r => r.Key == 0 ? r.Nodes + " " + Reasons[0] : Reasons[r.Key] + " on " + r.Nodes + (r.Key == 2 ? ": needs " + Needs(task) : ""));
        string all = string.Join("; ", reasons);
        return all.Length == 0 ? "no suitable node" : $"no suitable node ({all})";
    }

    private static string Needs(Api.Task task) => string.Join(
        ", ", task.Networks.Select(n => "network driver " + n.Network.DriverState.Name).Prepend("runtime " + (task.Spec.Generic?.Kind ?? "docker")));

    private Node Best(Api.Task task, ReadOnlySpan<string> labels, List<Node> all, List<Node> fitting)
    {
        if (labels.IsEmpty)
        {
            return fitting.OrderBy(n => Failures(task, n)).ThenBy(n => ActiveOn(n).Count(t => t.ServiceId == task.ServiceId))
                .ThenBy(n => ActiveOn(n).Count()).ThenBy(n => n.Id, StringComparer.Ordinal).First();
        }

        string label = labels[0]["node.labels.".Length..];
        string Branch(Node node) => node.Spec.Annotations.Labels.TryGetValue(label, out string? value) ? value : "";
        string branch = fitting.Select(Branch).Distinct()
            .OrderBy(b => all.Where(n => Branch(n) == b).Sum(n => ActiveOn(n).Count(t => t.ServiceId == task.ServiceId)))
            .ThenBy(b => b, StringComparer.Ordinal).First();
        return Best(task, labels[1..], [.. all.Where(n => Branch(n) == branch)], [.. fitting.Where(n => Branch(n) == branch)]);
    }

    private IEnumerable<Api.Task> HoldersOn(Node node) =>
        _tasks.Where(t => t.NodeId == node.Id && t.Status.State >= TaskState.Assigned && t.Status.State <= TaskState.Running);

    private IEnumerable<Api.Task> ActiveOn(Node node) => HoldersOn(node).Where(t => t.DesiredState <= TaskState.Complete);

    private int Failures(Api.Task task, Node node)
    {
        int count = _tasks.Count(t => t.NodeId == node.Id && t.ServiceId == task.ServiceId && t.SpecVersion.Equals(task.SpecVersion)
            && t.Status.State is TaskState.Failed or TaskState.Rejected
            && t.NodeId == node.Id && t.ServiceId == task.ServiceId && t.SpecVersion.Equals(task.SpecVersion)
            && now - t.Status.Timestamp.ToDateTimeOffset() < TimeSpan.FromMinutes(5));
        return count < 5 ? 0 : count;
    }

    private bool HasResources(Api.Task task, Node node)
    {
        if (task.Spec.Resources?.Reservations is not { } wanted)
        {
            return true;
        }

        bool cpu = wanted.NanoCpus <= 0
            || Sum(HoldersOn(node), t => t.Spec.Resources?.Reservations?.NanoCpus) + wanted.NanoCpus <= node.Description.Resources.NanoCpus;
        bool memory = wanted.MemoryBytes <= 0
            || Sum(HoldersOn(node), t => t.Spec.Resources?.Reservations?.MemoryBytes) + wanted.MemoryBytes
                <= node.Description.Resources.MemoryBytes;
        return cpu && memory && wanted.Generic.All(g => Free(node, g.DiscreteResourceSpec.Kind) >= g.DiscreteResourceSpec.Value);
    }

    private static long Sum(IEnumerable<Api.Task> tasks, Func<Api.Task, long?> amount) => tasks.Sum(t => Math.Max(0, amount(t) ?? 0));

    private List<string> FreeNames(Node node, string kind) =>
        [.. node.Description.Resources.Generic.Where(g => g.NamedResourceSpec?.Kind == kind).Select(g => g.NamedResourceSpec.Value)
            .Except(HoldersOn(node).SelectMany(t => t.AssignedGenericResources).Where(g => g.NamedResourceSpec?.Kind == kind)
                .Select(g => g.NamedResourceSpec.Value))];

    private long Free(Node node, string kind)
    {
        if (node.Description.Resources.Generic.Any(g => g.NamedResourceSpec?.Kind == kind))
        {
            return FreeNames(node, kind).Count;
        }

        long has = node.Description.Resources.Generic.Where(g => g.DiscreteResourceSpec?.Kind == kind)
            .Sum(g => g.DiscreteResourceSpec.Value);
        return has - HoldersOn(node).SelectMany(t => t.AssignedGenericResources)
            .Where(g => g.DiscreteResourceSpec?.Kind == kind).Sum(g => g.DiscreteResourceSpec.Value);
    }

    private IEnumerable<GenericResource> Claims(Api.Task task, Node node) =>
        (task.Spec.Resources?.Reservations?.Generic ?? []).Select(g => g.DiscreteResourceSpec).SelectMany(g =>
            node.Description.Resources.Generic.Any(n => n.NamedResourceSpec?.Kind == g.Kind)
                ? FreeNames(node, g.Kind).Take((int)g.Value).Select(name => Make.Named(g.Kind, name))
                : [Make.Discrete(g.Kind, g.Value)]);

    private static bool HasPlugins(Api.Task task, Node node)
    {
        string[] runtimes = [.. node.Description.Engine.Plugins.Where(p => p.Type == "Runtime").Select(p => p.Name)];
        bool container = task.Spec.Generic is null;
        bool runs = container ? runtimes.Length == 0 || runtimes.Contains("docker") : runtimes.Contains(task.Spec.Generic!.Kind);
        return runs && task.Networks.All(n =>
            node.Description.Engine.Plugins.Any(p => p.Type == "Network" && p.Name == n.Network.DriverState.Name));
    }

    private static IEnumerable<(PortConfig.Types.Protocol, uint)> HostPorts(Api.Task task) =>
        (task.Endpoint?.Spec.Ports ?? []).Where(p => p.PublishMode == PortConfig.Types.PublishMode.Host && p.PublishedPort > 0)
            .Select(p => (p.Protocol, p.PublishedPort));
}
