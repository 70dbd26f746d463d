// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>Remembers which service versions failed on which nodes lately, up to a bound.</summary>
internal sealed class FailureMemory(PlacementOptions options)
{
    private static readonly SortedDictionary<string, NodeInfo> NoNodes = new(StringComparer.Ordinal);

    private readonly Queue<(NodeInfo Node, ServiceVersion Version, string TaskId, DateTimeOffset At)> _order = new();
    private readonly Dictionary<ServiceVersion, SortedDictionary<string, NodeInfo>> _nodes = [];

    /// <summary>Notes that a task failed on a node, unless that is too long ago to matter.</summary>
    public void Note(NodeInfo node, ServiceVersion version, string taskId, DateTimeOffset at, DateTimeOffset now)
    {
        Forget(now);
        if (at <= now - options.FailureWindow || !(node.Failures ??= new FailureList()).Add(version, taskId, at))
        {
            return;
        }

        if (!_nodes.TryGetValue(version, out SortedDictionary<string, NodeInfo>? nodes))
        {
            _nodes.Add(version, nodes = new SortedDictionary<string, NodeInfo>(StringComparer.Ordinal));
        }

        nodes[node.Id] = node;
        _order.Enqueue((node, version, taskId, at));
    }

    /// <summary>The failures of a version on a node that count: none as long as they are fewer than the threshold.</summary>
    public int Weight(NodeInfo node, ServiceVersion? version, DateTimeOffset now)
    {
        int count = version is { } v && node.Failures is { } failures ? failures.Count(v, now - options.FailureWindow) : 0;
        return count >= options.FailureThreshold ? count : 0;
    }

    /// <summary>The nodes on which a version failed, by id.</summary>
    public IEnumerable<NodeInfo> NodesOf(ServiceVersion? version) =>
        (version is { } v ? _nodes.GetValueOrDefault(v) : null)?.Values ?? NoNodes.Values;

    // Times are those of the reports and need not be in order; an old one behind a young one goes a little later.
    private void Forget(DateTimeOffset now)
    {
        while (_order.TryPeek(out (NodeInfo Node, ServiceVersion Version, string TaskId, DateTimeOffset At) oldest)
            && (oldest.At <= now - options.FailureWindow || _order.Count >= options.MaxRememberedFailures))
        {
            _order.Dequeue();
            if (oldest.Node.Failures!.Remove(oldest.Version, oldest.TaskId)
                && _nodes.TryGetValue(oldest.Version, out SortedDictionary<string, NodeInfo>? nodes)
                && nodes.Remove(oldest.Node.Id)
                && nodes.Count == 0)
            {
                _nodes.Remove(oldest.Version);
            }
        }
    }
}
