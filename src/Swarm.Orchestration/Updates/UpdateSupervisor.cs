// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Restarts;
using Swarm.Orchestration.Slots;
using Swarm.Orchestration.Work;
using Swarm.Store;
using State = Swarm.Api.UpdateStatus.Types.UpdateState;

namespace Swarm.Orchestration.Updates;

/// <summary>
/// Brings the slots of a service to its spec, some at a time, and decides what becomes of an update whose tasks fail.
/// Where it stands follows from the tasks and the update status; only when a task was first seen to run is remembered.
/// </summary>
internal static class UpdateSupervisor
{
    /// <summary>Takes note of a slot that was looked at.</summary>
    /// <param name="entry">The service.</param>
    /// <param name="key">The slot.</param>
    /// <param name="slot">Its tasks.</param>
    /// <param name="main">The task that stands for it; null if there is none, or none that an update may touch.</param>
    /// <param name="head">The state.</param>
    /// <param name="now">The time.</param>
    /// <param name="options">The limits of waiting.</param>
    /// <returns>When to look again; null for not before something changes.</returns>
    public static DateTimeOffset? Look(
        ServiceEntry entry,
        SlotKey key,
        SlotTasks slot,
        Api.Task? main,
        IStoreReader head,
        DateTimeOffset now,
        OrchestrationOptions options)
    {
        UpdateProgress progress = entry.Update;
        if (main is not null && TaskDirtiness.IsDirty(main, entry.Service, NodeOf(main, head)))
        {
            progress.Dirty.Add(key);
        }
        else
        {
            progress.Dirty.Remove(key);
        }

        progress.InFlight.Remove(key);
        return UpdateRules.IsActive(entry.Service) ? LookAtNewTasks(entry, key, slot, now, options) : null;
    }

    /// <summary>The next write of the update, if there is one to make now.</summary>
    /// <param name="entry">The service, all of its touched slots looked at.</param>
    /// <param name="slotOf">Reads the tasks of a slot.</param>
    /// <param name="head">The state.</param>
    /// <param name="now">The time.</param>
    /// <param name="due">When to ask again though nothing has changed; null for never.</param>
    /// <returns>The write; null if there is none.</returns>
    public static Action<IStoreTransaction>? Next(
        ServiceEntry entry, Func<SlotKey, SlotTasks> slotOf, IStoreReader head, DateTimeOffset now, out DateTimeOffset? due)
    {
        due = null;
        Service service = entry.Service;
        UpdateProgress progress = entry.Update;
        if (!UpdateRules.IsActive(service))
        {
            return progress.Dirty.Count > 0 && !UpdateRules.IsPaused(service)
                ? tx => SetStatus(tx, service.Id, State.Updating, "update in progress")
                : null;
        }

        UpdateRules rules = UpdateRules.Of(service);
        if (FailureToActOn(progress, rules) is { } failure)
        {
            return tx => ActOnFailure(tx, service.Id, rules, failure);
        }

        if (progress.Dirty.Count > 0)
        {
            return (ulong)progress.InFlight.Count < rules.Parallelism
                ? Replace(service, progress, progress.Dirty.Min, slotOf(progress.Dirty.Min), rules, head)
                : null;
        }

        return progress.InFlight.Count > 0 ? null : Complete(service, progress, rules, now, out due);
    }

    private static Action<IStoreTransaction>? Complete(
        Service service, UpdateProgress progress, UpdateRules rules, DateTimeOffset now, out DateTimeOffset? due)
    {
        due = rules.OnFailure == UpdateConfig.Types.FailureAction.Continue ? null : progress.LastStart?.After(rules.Monitor);
        if (due > now)
        {
            return null;
        }

        due = null;
        return UpdateRules.IsRollback(service)
            ? tx => SetStatus(tx, service.Id, State.RollbackCompleted, "rollback completed")
            : tx => SetStatus(tx, service.Id, State.Completed, "update completed");
    }

    private static Action<IStoreTransaction> Replace(
        Service service, UpdateProgress progress, SlotKey key, SlotTasks slot, UpdateRules rules, IStoreReader head)
    {
        bool keepOld = rules.StartFirst && slot.Runnable.Any(static t => t.ObservedState() == TaskState.Running);
        TaskState desired = keepOld
            ? TaskState.Running
            : RestartSupervisor.FirstDesired(slot, service.Spec?.Task?.Restart, updated: true, head);

        // Noted before the write is taken: if it is not, the slot stays dirty and its turn comes again.
        progress.Updated.Add(key);
        return tx =>
        {
            if (!keepOld)
            {
                foreach (Api.Task old in slot.Runnable)
                {
                    tx.Want(old.Id, TaskState.Shutdown);
                }
            }

            tx.CreateTask(service.Id, key, desired);
        };
    }

    private static DateTimeOffset? LookAtNewTasks(
        ServiceEntry entry, SlotKey key, SlotTasks slot, DateTimeOffset now, OrchestrationOptions options)
    {
        UpdateProgress progress = entry.Update;
        DateTimeOffset began = entry.Service.UpdateStatus.StartedAt.ToTime() ?? DateTimeOffset.UnixEpoch;
        var fresh = slot.All.Where(t => Equals(t.SpecVersion, entry.Service.SpecVersion) && t.CreatedAt() >= began).ToList();

        // A slot that only now came to the service has nothing to update. After a change of leader its history tells.
        if (fresh.Count == 0 || (!progress.Updated.Contains(key) && fresh.Count == slot.All.Count))
        {
            return null;
        }

        progress.Updated.Add(key);
        UpdateRules rules = UpdateRules.Of(entry.Service);
        DateTimeOffset? started = null;
        foreach (Api.Task task in fresh)
        {
            if (IsEarlyEnd(progress, task, rules))
            {
                progress.Failed.TryAdd(key, $"failure or early termination of task {task.Id}");
            }

            if (task.ObservedState() == TaskState.Running || RestartSupervisor.EndedByItself(task))
            {
                started ??= progress.Seen.GetValueOrDefault(task.Id) ?? task.StatusAt();
            }
        }

        if (started is null)
        {
            if (!fresh.Exists(static t => t.DesiredState <= TaskState.Running))
            {
                return null; // It had to leave before it ran, and nobody follows: there is nothing to wait for.
            }

            DateTimeOffset limit = fresh[0].CreatedAt().After(options.UpdateStartTimeout);
            if (limit > now)
            {
                progress.InFlight.Add(key);
                return limit;
            }

            progress.Failed.TryAdd(key, $"task {fresh[0].Id}, which did not run within {options.UpdateStartTimeout}");
            return null;
        }

        // A clock that runs ahead on another manager must not make anyone wait longer.
        DateTimeOffset start = started.Value < now ? started.Value : now;
        progress.LastStart = progress.LastStart > start ? progress.LastStart : start;
        DateTimeOffset free = start.After(rules.Delay);
        if (free <= now)
        {
            return null;
        }

        progress.InFlight.Add(key);
        return free;
    }

    private static bool IsEarlyEnd(UpdateProgress progress, Api.Task task, UpdateRules rules)
    {
        if (task.ObservedState() <= TaskState.Running)
        {
            bool running = task.ObservedState() == TaskState.Running;
            if (!progress.Seen.TryGetValue(task.Id, out DateTimeOffset? known) || (running && known is null))
            {
                progress.Seen[task.Id] = running ? task.StatusAt() : null;
            }

            return false;
        }

        if (!RestartSupervisor.EndedByItself(task) || IsGoodEnd(task))
        {
            return false;
        }

        // Not seen before: it ended before this manager took the lead; its making is all there is to measure from.
        return progress.Seen.TryGetValue(task.Id, out DateTimeOffset? since)
            ? since is null || task.StatusAt() - since <= rules.Monitor
            : task.StatusAt() - task.CreatedAt() <= rules.Monitor;
    }

    private static bool IsGoodEnd(Api.Task task) =>
        task.ObservedState() == TaskState.Complete
        && task.Spec?.Restart is { Condition: not RestartPolicy.Types.RestartCondition.Any };

    private static string? FailureToActOn(UpdateProgress progress, UpdateRules rules)
    {
        if (progress.Failed.Count == 0 || rules.OnFailure == UpdateConfig.Types.FailureAction.Continue)
        {
            return null;
        }

        int slots = progress.Dirty.Count + progress.Updated.Count(k => !progress.Dirty.Contains(k));
        return progress.Failed.Count > rules.MaxFailureRatio * slots ? progress.Failed.First().Value : null;
    }

    private static void ActOnFailure(IStoreTransaction tx, string serviceId, UpdateRules rules, string failure)
    {
        Service service = tx.Get<Service>(serviceId)!;
        if (UpdateRules.IsRollback(service))
        {
            SetStatus(tx, serviceId, State.RollbackPaused, $"rollback paused due to {failure}");
        }
        else if (rules.OnFailure == UpdateConfig.Types.FailureAction.Rollback && service.PreviousSpec is not null)
        {
            UpdateStatus status = new()
            {
                State = State.RollbackStarted, StartedAt = tx.Now, Message = $"update rolled back due to {failure}",
            };
            tx.Update(service
                .WithSpec(service.PreviousSpec)
                .WithSpecVersion(service.PreviousSpecVersion ?? new Api.Version { Index = tx.EntryIndex })
                .WithPreviousSpec(null)
                .WithPreviousSpecVersion(null)
                .WithUpdateStatus(status));
        }
        else
        {
            SetStatus(tx, serviceId, State.Paused, $"update paused due to {failure}");
        }
    }

    private static void SetStatus(IStoreTransaction tx, string serviceId, State state, string message)
    {
        Service service = tx.Get<Service>(serviceId)!;
        bool begins = state == State.Updating;
        bool ends = state is State.Completed or State.RollbackCompleted;
        tx.Update(service.WithUpdateStatus(new UpdateStatus
        {
            State = state,
            StartedAt = begins ? tx.Now : service.UpdateStatus?.StartedAt,
            CompletedAt = ends ? tx.Now : null,
            Message = message,
        }));
    }

    private static Node? NodeOf(Api.Task task, IStoreReader head) => task.NodeId.Length > 0 ? head.Get<Node>(task.NodeId) : null;
}
