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
    /// <param name="names">Names of services and nodes.</param>
    /// <param name="now">The time now.</param>
    /// <returns>The table.</returns>
    public static TextTable List(IReadOnlyCollection<Api.Task> tasks, Names names, DateTimeOffset now) => Make(
        TextTable.ListGap,
        _listHeadings,
        tasks,
        t => [t.Id, $"{names.Service(t.ServiceId)}.{t.Slot}", State(t.DesiredState), LastState(t, now), names.Node(t.NodeId)]);

    /// <summary>What inspect prints below a service or node.</summary>
    /// <param name="tasks">The tasks, in any order.</param>
    /// <param name="names">Names of services and nodes.</param>
    /// <param name="now">The time now.</param>
    /// <returns>The table.</returns>
    public static TextTable Inspect(IEnumerable<Api.Task> tasks, Names names, DateTimeOffset now)
    {
        Api.Task[] sorted =
        [
            .. tasks.OrderBy(t => names.Service(t.ServiceId), StringComparer.Ordinal)
                .ThenBy(static t => t.Slot)
                .ThenByDescending(static t => t.Meta?.CreatedAt?.ToDateTimeOffset() ?? DateTimeOffset.MinValue)
                .ThenBy(static t => t.Id, StringComparer.Ordinal),
        ];
        return Make(TextTable.InspectGap, _inspectHeadings, sorted, t =>
        [
            t.Id, names.Service(t.ServiceId), t.Slot.ToString(CultureInfo.InvariantCulture), Work.Of(t.Spec), State(t.DesiredState),
            LastState(t, now), names.Node(t.NodeId),
        ]);
    }

    /// <summary>A state as the wire names it.</summary>
    /// <param name="state">The state.</param>
    /// <returns>Capital letters.</returns>
    public static string State(TaskState state) => state.ToString().ToUpperInvariant();

    private static string LastState(Api.Task task, DateTimeOffset now)
    {
        string ago = Human.Ago(task.Status?.Timestamp, now);
        return ago.Length == 0 ? State(task.ObservedState()) : $"{State(task.ObservedState())} {ago}";
    }

    private static TextTable Make(
        int gap, string[] headings, IReadOnlyCollection<Api.Task> tasks, Func<Api.Task, string[]> cells)
    {
        bool errors = tasks.Any(static t => TaskReasons.Of(t).Length > 0);
        var table = new TextTable(gap, errors ? [.. headings, "Error"] : headings);
        foreach (Api.Task task in tasks)
        {
            table.Add(errors ? [.. cells(task), TaskReasons.Of(task)] : cells(task));
        }

        return table;
    }
}
