// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Swarm.Api;
using Swarm.Client;
using Swarm.Core;

namespace Swarm.Samples.Swarmctl.Output;

/// <summary>The two tables of tasks. A column with errors follows the usual ones where some task has one.</summary>
internal static class TaskTables
{
    private static readonly string[] _listHeadings = ["ID", "Service", "Desired State", "Last State", "Node"];

    private static readonly string[] _inspectHeadings = ["Task ID", "Service", "Slot", "Image", "Desired State", "Last State", "Node"];

    /// <summary>Whether a task is shown without --all.</summary>
    /// <param name="task">The task.</param>
    /// <returns>True if it runs or is meant to.</returns>
    public static bool IsCurrent(Api.Task task) => task.DesiredState <= TaskState.Running;

    /// <summary>What ls prints.</summary>
    /// <param name="tasks">The tasks, in order.</param>
    /// <param name="all">All tasks there are, also those not printed: a task on its way shows why the one before it ended.</param>
    /// <param name="names">Names of services and nodes.</param>
    /// <param name="now">The time now.</param>
    /// <returns>The table.</returns>
    public static TextTable List(
        IReadOnlyCollection<Api.Task> tasks, IReadOnlyCollection<Api.Task> all, Names names, DateTimeOffset now) => Make(
        TextTable.ListGap,
        _listHeadings,
        tasks,
        all,
        t => [t.Id, $"{names.Service(t.ServiceId)}.{t.Slot}", State(t.DesiredState), LastState(t, now), names.Node(t.NodeId)]);

    /// <summary>What inspect prints below a service or node.</summary>
    /// <param name="tasks">The tasks, in any order.</param>
    /// <param name="all">All tasks there are, also those not printed.</param>
    /// <param name="names">Names of services and nodes.</param>
    /// <param name="now">The time now.</param>
    /// <returns>The table.</returns>
    public static TextTable Inspect(
        IEnumerable<Api.Task> tasks, IReadOnlyCollection<Api.Task> all, Names names, DateTimeOffset now)
    {
        Api.Task[] sorted =
        [
            .. tasks.OrderBy(t => names.Service(t.ServiceId), StringComparer.Ordinal)
                .ThenBy(static t => t.Slot)
                .ThenByDescending(static t => t.Meta?.CreatedAt?.ToDateTimeOffset() ?? DateTimeOffset.MinValue)
                .ThenBy(static t => t.Id, StringComparer.Ordinal),
        ];
        return Make(TextTable.InspectGap, _inspectHeadings, sorted, all, t =>
        [
            t.Id, names.Service(t.ServiceId), t.Slot.ToString(CultureInfo.InvariantCulture), Work.Of(t.Spec), State(t.DesiredState),
            LastState(t, now), names.Node(t.NodeId),
        ]);
    }

    /// <summary>A state as the wire names it.</summary>
    /// <param name="state">The state.</param>
    /// <returns>Capital letters.</returns>
    public static string State(TaskState state) => state.ToString().ToUpperInvariant();

    /// <summary>The state a task was last seen in, and since when.</summary>
    /// <param name="task">The task.</param>
    /// <param name="now">The time now.</param>
    /// <returns>As in <c>RUNNING 3 seconds ago</c>.</returns>
    public static string LastState(Api.Task task, DateTimeOffset now)
    {
        string ago = Human.Ago(task.Status?.Timestamp, now);
        return ago.Length == 0 ? State(task.ObservedState()) : $"{State(task.ObservedState())} {ago}";
    }

    private static TextTable Make(
        int gap, string[] headings, IReadOnlyCollection<Api.Task> tasks, IReadOnlyCollection<Api.Task> all, Func<Api.Task, string[]> cells)
    {
        ILookup<(string, ulong, string), Api.Task> failed = all.Where(static t => t.Status?.Err.Length > 0).ToLookup(Place);
        string[] reasons = [.. tasks.Select(t => Reason(t, failed))];
        bool errors = reasons.Any(static r => r.Length > 0);
        var table = new TextTable(gap, errors ? [.. headings, "Error"] : headings);
        foreach ((Api.Task task, string reason) in tasks.Zip(reasons))
        {
            table.Add(errors ? [.. cells(task), reason] : cells(task));
        }

        return table;
    }

    // A task that is made anew again and again fails out of sight: the one to be seen is always fresh.
    private static string Reason(Api.Task task, ILookup<(string, ulong, string), Api.Task> failed)
    {
        string own = TaskReasons.Of(task);
        if (own.Length > 0 || task.ObservedState() >= TaskState.Running || !IsCurrent(task))
        {
            return own;
        }

        Api.Task? before = failed[Place(task)].Where(t => t.Id != task.Id).MaxBy(static t => t.Status.Timestamp?.ToDateTimeOffset());
        return before is null ? "" : "the one before: " + before.Status.Err;
    }

    // What a task shares with the one that takes its place: its slot, or its node in a global service.
    private static (string, ulong, string) Place(Api.Task task) => (task.ServiceId, task.Slot, task.Slot == 0 ? task.NodeId : "");
}
