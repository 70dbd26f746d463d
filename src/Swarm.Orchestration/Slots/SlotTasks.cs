// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Orchestration.Work;

namespace Swarm.Orchestration.Slots;

/// <summary>The tasks of one slot, oldest first, without those on their way out (desired REMOVE).</summary>
internal sealed class SlotTasks
{
    /// <summary>Sorts the tasks of a slot.</summary>
    public SlotTasks(IEnumerable<Api.Task> tasks)
    {
        var all = tasks.Where(static t => t.DesiredState < TaskState.Remove).ToList();
        all.Sort(ByAge);
        All = all;
        Runnable = all.FindAll(static t => t.DesiredState <= TaskState.Running);
    }

    /// <summary>All tasks of the slot.</summary>
    public IReadOnlyList<Api.Task> All { get; }

    /// <summary>Those that are wanted to run now or soon.</summary>
    public IReadOnlyList<Api.Task> Runnable { get; }

    /// <summary>The youngest task.</summary>
    public Api.Task? Newest => All.Count == 0 ? null : All[^1];

    /// <summary>
    /// Order of age: by time of making; of those made at one time, one on its way out is older, and of two of these the one
    /// that ended first.
    /// </summary>
    public static int ByAge(Api.Task a, Api.Task b)
    {
        int order = a.CreatedAt().CompareTo(b.CreatedAt());
        order = order != 0 ? order : (b.DesiredState > TaskState.Running).CompareTo(a.DesiredState > TaskState.Running);
        order = order != 0 ? order : a.StatusAt().CompareTo(b.StatusAt());
        return order != 0 ? order : string.CompareOrdinal(a.Id, b.Id);
    }
}
