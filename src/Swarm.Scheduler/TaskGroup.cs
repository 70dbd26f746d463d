// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Swarm.Scheduler;

/// <summary>Waiting tasks that are alike: those of one version of one service, or one task that stands alone.</summary>
internal sealed class TaskGroup(string key, string nodeId)
{
    /// <summary>Where a group stands.</summary>
    public enum Stage
    {
        /// <summary>Refused; nothing has changed since that could help.</summary>
        Waiting,

        /// <summary>To be placed in the next run.</summary>
        Due,

        /// <summary>Refused, and the reason told may not be right any more.</summary>
        Stale,
    }

    public string Key { get; } = key;

    /// <summary>The node of a task that has one before it is scheduled; else empty.</summary>
    public string NodeId { get; } = nodeId;

    /// <summary>A task that stands for all.</summary>
    public Api.Task First => Tasks.First().Value.Task;

    /// <summary>Where it stands in the list of its stage.</summary>
    public LinkedListNode<TaskGroup>? Place { get; set; }

    public Stage State { get; set; }

    /// <summary>Why its tasks wait; null before the first run.</summary>
    public PlacementRefusal? Refusal { get; set; }

    /// <summary>Its tasks by slot, then id.</summary>
    public SortedDictionary<(ulong Slot, string Id), WaitingTask> Tasks { get; } =
        new(Comparer<(ulong Slot, string Id)>.Create(static (a, b) =>
            a.Slot != b.Slot ? a.Slot.CompareTo(b.Slot) : string.CompareOrdinal(a.Id, b.Id)));

    /// <summary>The group that a task belongs to.</summary>
    public static string KeyOf(Api.Task task) => task.NodeId.Length == 0 && TaskDemands.VersionOf(task) is { } version
        ? string.Create(CultureInfo.InvariantCulture, $"{version.ServiceId} {version.Version}")
        : "task " + task.Id;
}
