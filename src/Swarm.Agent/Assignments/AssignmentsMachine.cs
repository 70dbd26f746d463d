// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Action = Swarm.Api.AssignmentChange.Types.AssignmentAction;
using Item = Swarm.Api.Assignment.ItemOneofCase;

namespace Swarm.Agent.Assignments;

/// <summary>
/// Follows the stream of assignments: a complete message replaces the set, an incremental one patches it, and the chain
/// <c>applies_to</c> → <c>results_in</c> shows whether one was lost. Whatever order a message has, dependencies come before the
/// tasks that need them and leave after them. Stepped: no clock, no I/O. One owner.
/// </summary>
internal sealed class AssignmentsMachine
{
    private readonly SortedSet<string> _tasks = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _secrets = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _configs = new(StringComparer.Ordinal);
    private string? _token;

    /// <summary>Makes the machine.</summary>
    /// <param name="assignedTaskIds">The tasks assigned before a restart; the first complete message confirms or removes them.</param>
    internal AssignmentsMachine(IEnumerable<string> assignedTaskIds) => _tasks.UnionWith(assignedTaskIds);

    /// <summary>A new stream begins: its first message must be complete.</summary>
    internal void BeginStream() => _token = null;

    /// <summary>Takes one message.</summary>
    /// <param name="message">The message.</param>
    /// <returns>What to do; a gap stands alone and changes nothing.</returns>
    internal IReadOnlyList<AssignmentOutput> Step(AssignmentsMessage message)
    {
        bool complete = message.Type == AssignmentsMessage.Types.Type.Complete;
        if (!complete && message.AppliesTo != _token)
        {
            string expected = _token ?? "a complete set";
            _token = null;
            return [new AssignmentOutput.Gap(expected, message.AppliesTo)];
        }

        _token = message.ResultsIn;
        List<AssignmentOutput> dependencies = [], tasks = [], gone = [], unneeded = [];

        // Of several changes of one thing the last counts, since all of them are sorted by kind below.
        var last = new OrderedDictionary<(Item Kind, string Id), AssignmentChange>();
        foreach (AssignmentChange change in message.Changes)
        {
            if (change.Assignment is { } item && (change.Action == Action.Update || !complete))
            {
                last[(item.ItemCase, IdOf(item))] = change;
            }
        }

        foreach (((Item kind, string id), AssignmentChange change) in last)
        {
            if (change.Action == Action.Update)
            {
                Put(change.Assignment, dependencies, tasks);
            }
            else
            {
                Remove(kind, id, gone, unneeded);
            }
        }

        if (complete)
        {
            RemoveUnnamed(_tasks, Item.Task, last, gone, unneeded);
            RemoveUnnamed(_secrets, Item.Secret, last, gone, unneeded);
            RemoveUnnamed(_configs, Item.Config, last, gone, unneeded);
        }

        return [.. dependencies, .. tasks, .. gone, .. unneeded];
    }

    private void Put(Assignment item, List<AssignmentOutput> dependencies, List<AssignmentOutput> tasks)
    {
        switch (item.ItemCase)
        {
            case Item.Task:
                _tasks.Add(item.Task.Id);
                tasks.Add(new AssignmentOutput.TaskPut(item.Task));
                break;
            case Item.Secret:
                _secrets.Add(item.Secret.Id);
                dependencies.Add(new AssignmentOutput.SecretPut(item.Secret));
                break;
            case Item.Config:
                _configs.Add(item.Config.Id);
                dependencies.Add(new AssignmentOutput.ConfigPut(item.Config));
                break;
            default:
                // A cluster volume: this node announces no CSI plugin, so no task that needs one comes here.
                break;
        }
    }

    private void RemoveUnnamed(
        SortedSet<string> ids,
        Item kind,
        OrderedDictionary<(Item Kind, string Id), AssignmentChange> named,
        List<AssignmentOutput> gone,
        List<AssignmentOutput> unneeded)
    {
        foreach (string id in ids.Where(id => !named.ContainsKey((kind, id))).ToList())
        {
            Remove(kind, id, gone, unneeded);
        }
    }

    private void Remove(Item kind, string id, List<AssignmentOutput> gone, List<AssignmentOutput> unneeded)
    {
        switch (kind)
        {
            case Item.Task when _tasks.Remove(id):
                gone.Add(new AssignmentOutput.TaskGone(id));
                break;
            case Item.Secret when _secrets.Remove(id):
                unneeded.Add(new AssignmentOutput.SecretGone(id));
                break;
            case Item.Config when _configs.Remove(id):
                unneeded.Add(new AssignmentOutput.ConfigGone(id));
                break;
            default:
                break;
        }
    }

    private static string IdOf(Assignment item) => item.ItemCase switch
    {
        Item.Task => item.Task.Id,
        Item.Secret => item.Secret.Id,
        Item.Config => item.Config.Id,
        Item.Volume => item.Volume.Id,
        _ => "",
    };
}
