// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>
/// The rank of a node for one service: fewer recent failures first, but only from a threshold on; then fewer active tasks of
/// the service; then fewer active tasks in all; then the id, so that the order is total.
/// </summary>
internal readonly record struct SpreadKey(int Failures, int ServiceTasks, int ActiveTasks, string NodeId) : IComparable<SpreadKey>
{
    public int CompareTo(SpreadKey other)
    {
        int order = Failures.CompareTo(other.Failures);
        order = order != 0 ? order : ServiceTasks.CompareTo(other.ServiceTasks);
        order = order != 0 ? order : ActiveTasks.CompareTo(other.ActiveTasks);
        return order != 0 ? order : string.CompareOrdinal(NodeId, other.NodeId);
    }
}
